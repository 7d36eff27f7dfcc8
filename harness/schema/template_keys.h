// The friendly keys with which scenario scripts change certificate templates, and the edit verbs of templates/edit.h
// they stand for. This is the only place that knows both spellings.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/schema/schema.h"

namespace mimica::harness {

struct TemplateKey {
  enum class Lists {
    none,  // a single value
    each,  // one edit for each entry
    join,  // one edit with all entries, separated by commas
  };
  std::string_view key;   // in scenario scripts
  std::string_view edit;  // in templates/edit.h
  schema::Kind kind;      // text, integer, boolean, duration or choice
  Lists lists;
  std::string_view values;  // of a choice, separated by '|'
  std::string_view help;
};
std::span<const TemplateKey> template_keys();

// The edits that a checked mapping asks for, in the order of the file; keys that are no template keys are left out.
std::vector<std::pair<std::string, std::string>> template_edits(const YamlNode& mapping);

}  // namespace mimica::harness
