/* What the programs in this folder have in common: they read their input from the standard input. */
#ifndef INPUT_H
#define INPUT_H

#include <stdio.h>
#include <stdlib.h>

/* Reads everything into a block of exactly its size, so that reading past its end is an error too. */
static unsigned char *read_input(size_t *length) {
    size_t room = 1 << 16, used = 0, got;
    unsigned char *block = malloc(room);
    while (block != NULL && (got = fread(block + used, 1, room - used, stdin)) != 0) {
        used += got;
        if (used == room) block = realloc(block, room *= 2);
    }
    *length = used;
    return block == NULL ? NULL : realloc(block, used ? used : 1);
}

#endif
