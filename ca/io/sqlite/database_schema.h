// The tables in SQLite and how those of older versions become them; private to ca/io.
#pragma once

#include <sqlite3.h>

#include <string>

#include "ca/io/sqlite/database.h"
#include "core/base/fault.h"

namespace mimica::ca {

// The script that makes the tables of `version` (1 to kDatabaseSchemaVersion) out of those of the version before; the
// first one starts from an empty file.
const char* schema_script(int version);

// Fault: not the database of a CA, or of a newer program.
Result<void> check_schema(sqlite3* handle, const std::string& path);
Result<std::int64_t> schema_version(sqlite3* handle);
// Fault ERROR_INVALID_DATA with SQLite's first finding when pages or indexes are damaged. Reads the whole file.
Result<void> check_integrity(sqlite3* handle, const std::string& path);
// Brings the tables to kDatabaseSchemaVersion in one transaction; what newer columns hold is read off the stored
// requests and certificates.
Result<void> migrate_schema(sqlite3* handle, const std::string& path);

}  // namespace mimica::ca
