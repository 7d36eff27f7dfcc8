// Access lists of exports that name accounts instead of listing entries.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/windows/security_descriptor.h"
#include "templates/permission.h"

namespace mimica::templates {

// SIDs for account names of exports that give none. Well-known groups get their own; groups that every domain has get
// their RID, everything else a RID of its own, below a domain that does not exist (S-1-5-21-0-0-n).
class NamedAccounts {
 public:
  Sid sid_of(const std::string& name);  // "CONTOSO.COM\\Domain Users"
  NameOf name_of() const;               // a copy: it stays valid
  const std::map<Sid, std::string>& names() const { return names_; }

 private:
  std::map<std::string, Sid, std::less<>> sids_;
  std::map<Sid, std::string> names_;
  std::map<std::string, std::uint32_t, std::less<>> domains_;
  std::uint32_t next_rid_ = 1000;
};

}  // namespace mimica::templates
