// Operations one after the other on a lab, each given as its key and its fields in JSON (a part of YAML): how other
// languages run them.
#pragma once

#include <string>
#include <string_view>

#include "harness/operations/operation.h"
#include "harness/operations/reader.h"

namespace mimica::harness {

class OperationSession {
 public:
  // Under `id`, if it has one, later operations find what this one leaves behind. Faults: no such operation, fields
  // that it does not have or take (several: the first, the others in its hint), and what the lab cannot carry out.
  // Where the fields say what must be found and it is not, the outcome is `failed`.
  Result<Report> run(Lab& lab, std::string_view key, std::string_view fields, const std::string& id,
                     const FileReader& read_file);

 private:
  Earlier earlier_;
};

}  // namespace mimica::harness
