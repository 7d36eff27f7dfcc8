// A directory that only answers: entries of an export, or fetched from a server once, behind the Directory interface
// with the embedded server's filters and indexes. What an export leaves out is simply not there.
#pragma once

#include <memory>
#include <vector>

#include "ldap/directory.h"

namespace mimica::ldap {

class Snapshot : public Directory {
 public:
  // Learns the naming contexts from the entries added so far when the first search comes.
  static std::unique_ptr<Snapshot> create();
  // Attributes that the schema does not know are left out; SIDs may be text. An entry that is there already gains the
  // attributes that it lacks. Faults: the DN is malformed.
  virtual Result<void> load(const Entry& entry) = 0;
  virtual std::size_t size() const = 0;
  // Whether accounts were found at all; without one there is no domain to speak of.
  virtual bool has_domain() const = 0;
};

}  // namespace mimica::ldap
