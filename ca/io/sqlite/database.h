// The CA database in SQLite: write-ahead log, synchronous=FULL on disk, prepared statements, versioned schema.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ca/store/database.h"

namespace mimica::ca {

// Called at named points of a write ("begin", "written", "committed"), so that tests can stop the process there.
using FailPoint = std::function<void(std::string_view point)>;

// `path` empty: in memory. An existing file is opened and its schema migrated; a file of a newer schema is a Fault.
// A file of up to 64 MiB has its integrity checked (after a crash SQLite recovers it first); larger ones only their
// schema, since the check reads everything. Concurrent store() calls share one commit (group commit), each returning
// only after it.
Result<std::unique_ptr<Database>> open_database(const std::string& path, FailPoint fail_point = {});

// An existing file that is only looked at; it is neither made nor migrated, and writing to it is a Fault.
Result<std::unique_ptr<Database>> open_database_for_reading(const std::string& path);

inline constexpr int kDatabaseSchemaVersion = 2;

}  // namespace mimica::ca
