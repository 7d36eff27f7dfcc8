// The files that `mimica check` and `mimica lint` understand: each is told by its content, not by its name.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/finding.h"
#include "audit/import/export_documents.h"
#include "connector/profile/profile.h"
#include "core/pki/certificate.h"

namespace mimica::audit {

// What recognition looks at.
struct FileContent {
  std::string_view bytes;
  std::string source;
  std::string_view text;                  // without byte order mark and white space around it
  std::optional<boost::json::value> json  // of a file that is JSON
      = std::nullopt;
  bool begins_line(std::string_view word) const;  // some line begins so, without regard to case in the first
  const boost::json::object* object() const { return json ? json->if_object() : nullptr; }
};

// What a file holds, not yet judged.
struct Imported {
  std::optional<ReadExport> forest = {};
  std::vector<connector::Profile> profiles = {};
  std::vector<Certificate> certificates = {};
  std::vector<Finding> findings = {};  // of what is judged by reading it
};

struct Format {
  std::string_view name;
  bool (*recognises)(const FileContent&);
  std::function<Result<Imported>(const FileContent&)> read;
};

// In the order in which they are tried.
std::span<const Format> formats();

// `more`: formats that the caller knows beside formats(). The fault of an unknown file lists all of them.
Result<Imported> import_file(std::string_view bytes, const std::string& source, std::span<const Format> more = {});

// A file of templates or CAs; another one is a fault.
Result<ReadExport> read_export(std::string_view bytes, std::string_view source);

}  // namespace mimica::audit
