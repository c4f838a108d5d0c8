/* The rows of a query, each text with its length: SQL text may have NUL in it, which ends a C string. */
#ifndef ROWS_H
#define ROWS_H

#include <sqlite3.h>

/* Takes a row of `count` columns. A text is NULL for NULL. Anything but 0 ends the query. */
typedef int (*rows_callback)(void *data, int count, const unsigned char *const *texts, const int *lengths);

/* Executes all statements, as sqlite3_exec does, and calls back for each row. */
int rows_each(sqlite3 *db, const char *sql, rows_callback each, void *data);

#endif
