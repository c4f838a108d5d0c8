#include "rows.h"

#include <stdlib.h>

static int each_of_statement(sqlite3_stmt *statement, rows_callback each, void *data) {
    int count = sqlite3_column_count(statement);
    const unsigned char **texts = malloc((size_t)count * sizeof *texts + 1);
    int *lengths = malloc((size_t)count * sizeof *lengths + 1);
    int code = texts == NULL || lengths == NULL ? SQLITE_NOMEM : SQLITE_OK;
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        code = SQLITE_OK;
        for (int i = 0; i < count; i++) {
            texts[i] = sqlite3_column_text(statement, i);
            lengths[i] = sqlite3_column_bytes(statement, i);
            if (texts[i] == NULL && sqlite3_column_type(statement, i) != SQLITE_NULL) code = SQLITE_NOMEM;
        }
        if (code == SQLITE_OK && each(data, count, texts, lengths) != 0) code = SQLITE_ABORT;
    }
    free(texts);
    free(lengths);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int rows_each(sqlite3 *db, const char *sql, rows_callback each, void *data) {
    int code = SQLITE_OK;
    while (code == SQLITE_OK && *sql != 0) {
        sqlite3_stmt *statement = NULL;
        code = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);
        /* White space and comments are no statement. */
        if (code != SQLITE_OK || statement == NULL) continue;
        code = each_of_statement(statement, each, data);
        int finalized = sqlite3_finalize(statement);
        if (code == SQLITE_OK) code = finalized;
    }
    return code;
}
