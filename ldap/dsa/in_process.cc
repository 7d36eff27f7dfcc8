#include "ldap/dsa/in_process.h"

namespace mimica::ldap {
namespace {

constexpr std::uint32_t kOwnerGroupDacl = 7;

class InProcess final : public Directory {
 public:
  InProcess(Dsa& dsa, Caller caller) : dsa_(dsa), caller_(std::move(caller)) {}

  Result<std::vector<Entry>> search(const SearchRequest& request) override {
    Dsa::SearchOptions options{.domain_scope = true};
    if (request.with_security_descriptor) options.sd_flags = kOwnerGroupDacl;
    MIMICA_TRY(auto answer, dsa_.search(caller_, with_descriptor(request), options));
    return std::move(answer.entries);
  }
  Result<void> add(const Entry& entry) override { return dsa_.add(caller_, entry); }
  Result<void> modify(std::string_view dn, const std::vector<Modification>& modifications) override {
    return dsa_.modify(caller_, dn, modifications, {.sd_flags = kOwnerGroupDacl});
  }
  Result<void> remove(std::string_view dn) override { return dsa_.remove(caller_, dn); }
  Result<void> modify_dn(std::string_view dn, std::string_view new_rdn, bool delete_old_rdn,
                         std::string_view new_superior) override {
    const auto superior = new_superior.empty() ? std::nullopt : std::optional<std::string>(new_superior);
    return dsa_.modify_dn(caller_, dn, new_rdn, delete_old_rdn, superior);
  }

 private:
  // A list of names returns the descriptor only when it is named.
  static SearchRequest with_descriptor(SearchRequest request) {
    if (request.with_security_descriptor && !request.attributes.empty())
      request.attributes.emplace_back("nTSecurityDescriptor");
    return request;
  }

  Dsa& dsa_;
  Caller caller_;
};

}  // namespace

std::unique_ptr<Directory> in_process(Dsa& dsa, Caller caller) {
  return std::make_unique<InProcess>(dsa, std::move(caller));
}

}  // namespace mimica::ldap
