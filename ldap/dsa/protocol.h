// Numbers of the LDAP wire that the rootDSE advertises and the session implements.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mimica::ldap {

namespace control {  // MS-ADTS 3.1.1.3.4.1
inline constexpr std::string_view kPagedResults = "1.2.840.113556.1.4.319", kSdFlags = "1.2.840.113556.1.4.801",
                                  kShowDeleted = "1.2.840.113556.1.4.417", kTreeDelete = "1.2.840.113556.1.4.805",
                                  kDomainScope = "1.2.840.113556.1.4.1339", kSearchOptions = "1.2.840.113556.1.4.1340",
                                  kPermissiveModify = "1.2.840.113556.1.4.1413", kLazyCommit = "1.2.840.113556.1.4.619",
                                  kShowRecycled = "1.2.840.113556.1.4.2064";
}  // namespace control
namespace extension {
inline constexpr std::string_view kStartTls = "1.3.6.1.4.1.1466.20037", kWhoAmI = "1.3.6.1.4.1.4203.1.11.3",
                                  kNoticeOfDisconnection = "1.3.6.1.4.1.1466.20036";
}  // namespace extension

namespace limit {  // defaults of Active Directory's LDAP policies, MS-ADTS 3.1.1.3.4.6
inline constexpr std::size_t kMaxPageSize = 1000, kMaxValRange = 1500, kMaxResultSetsPerConnection = 10;
}  // namespace limit

// Advertised: exactly what is implemented.
std::vector<std::string> supported_controls();
std::vector<std::string> supported_extensions();

}  // namespace mimica::ldap
