/* The operating system that SQLite has in the sandbox: no file, no clock, no randomness. A database in memory needs none of them; whatever
   else asks for one, such as ATTACH, is told that it failed, and SQL that does so is an error like any other. */

#include <sqlite3.h>

/* Of what SQLite passes, little matters to one that has nothing. */
#pragma clang diagnostic ignored "-Wunused-parameter"

static int no_file(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags) {
    file->pMethods = 0;
    return SQLITE_CANTOPEN;
}

static int nothing_to_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    return SQLITE_IOERR_DELETE_NOENT;
}

static int not_there(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
    *result = 0;
    return SQLITE_OK;
}

static int same_name(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
}

static int no_randomness(sqlite3_vfs *vfs, int size, char *out) {
    return 0;
}

static int no_sleep(sqlite3_vfs *vfs, int microseconds) {
    return 0;
}

static int no_clock(sqlite3_vfs *vfs, double *now) {
    return SQLITE_ERROR;
}

static int no_last_error(sqlite3_vfs *vfs, int size, char *out) {
    return 0;
}

int sqlite3_os_init(void) {
    static sqlite3_vfs vfs = {
        .iVersion = 1,
        .szOsFile = sizeof(sqlite3_file),
        .mxPathname = 512,
        .zName = "none",
        .xOpen = no_file,
        .xDelete = nothing_to_delete,
        .xAccess = not_there,
        .xFullPathname = same_name,
        .xRandomness = no_randomness,
        .xSleep = no_sleep,
        .xCurrentTime = no_clock,
        .xGetLastError = no_last_error,
    };
    return sqlite3_vfs_register(&vfs, 1);
}

int sqlite3_os_end(void) {
    return SQLITE_OK;
}
