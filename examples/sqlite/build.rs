//! Compiles SQLite for the sandbox, with an operating system that has nothing.

fn main() {
    build_support::Library::new("sqlite")
        .source_dir(build_support::crate_source("libsqlite3-sys").join("sqlite3"))
        .file("sqlite3.c")
        .shim("vfs.c")
        .shim("rows.c")
        .define("SQLITE_OS_OTHER", "1")
        .define("SQLITE_THREADSAFE", "0")
        .define("SQLITE_OMIT_LOAD_EXTENSION", None)
        // What does not fit the page cache stays in memory, for want of files.
        .define("SQLITE_TEMP_STORE", "3")
        .header("sqlite3.h")
        .header("rows.h")
        .allow_function("rows_each")
        .allow_function("sqlite3_(open|exec|errmsg|malloc64|free)")
        .allow_function("sqlite3_(prepare_v2|step|reset|finalize)")
        .allow_function("sqlite3_bind_(null|int64|double|text64|blob64)")
        .allow_function("sqlite3_(create_function_v2|user_data)")
        .allow_function("sqlite3_value_(type|int64|double|text|blob|bytes)")
        .allow_function("sqlite3_result_(null|int64|double|text64|blob64|error|error_nomem)")
        .allow_var("SQLITE_(OK|NOMEM|MISUSE|ROW|DONE|INTEGER|FLOAT|TEXT|BLOB|NULL|UTF8)")
        .compile();
}
