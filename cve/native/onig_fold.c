/* CVE-2017-9225, natively: looks for a pattern in a text, both in UTF-32. See src/onig_fold.rs. */
#include <oniguruma.h>

#include "input.h"

int main(void) {
    static const unsigned char text[] = {'A', 0, 0, 0, 'B', 0, 0, 0, 'C', 0, 0, 0};
    const unsigned char *end = text + sizeof text;
    size_t length;
    unsigned char *pattern = read_input(&length);
    regex_t *regex;
    OnigErrorInfo error;
    int found;
    if (!pattern) return 2;
    onig_init();
    if (onig_new(&regex, pattern, pattern + length, ONIG_OPTION_NONE, ONIG_ENCODING_UTF32_LE, ONIG_SYNTAX_RUBY, &error) != ONIG_NORMAL)
        return 1;
    found = onig_search(regex, text, end, text, end, NULL, ONIG_OPTION_NONE);
    onig_free(regex);
    onig_end();
    free(pattern);
    return found == 4 ? 0 : 1;
}
