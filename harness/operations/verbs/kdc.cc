// The domain controller.
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "kdc/policy/registry_values.h"

namespace mimica::harness {
namespace step {

namespace {
// nullopt deletes a value.
struct KdcRegistry {
  std::vector<std::pair<std::string, std::optional<std::string>>> values;
  std::string title() const {
    std::string out = "registry of the KDC:";
    for (const auto& [name, data] : values) out += " " + name + (data ? " = " + *data : " deleted");
    return out;
  }
  Result<Report> run(Lab& lab, const Earlier&) const {
    for (const auto& [name, data] : values) MIMICA_RETURN_IF_FAULT(lab.set_kdc_registry(name, data));
    return Report{};
  }
};
}  // namespace

}  // namespace step

std::vector<Operation> kdc_operations() {
  using schema::View;
  return {
      {"kdc", 80,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "kdc registry", "Writes registry values of the domain controller. They count from the next logon on.",
             {field(
                  "set", v.map(v.text),
                  "Value names with their data: StrongCertificateBindingEnforcement, CertificateBackdatingCompensation "
                  "(seconds), UseSubjectAltName, AllowNtAuthPolicyBypass, "
                  "UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors, StrongNameMatches."),
              field("delete", v.texts, "Names of values to delete, so that the default of the date counts.")},
             "kdc: {set: {StrongCertificateBindingEnforcement: 2}}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         step::KdcRegistry out;
         if (const View set = f["set"])
           for (const auto& member : set.node().members) out.values.emplace_back(member.key, member.value.text);
         for (const std::string& name : f["delete"].texts()) out.values.emplace_back(name, std::nullopt);
         kdc::KdcConfig scratch;
         for (const auto& [name, data] : out.values)
           if (const auto set = kdc::set_registry_value(scratch, name, data); !set)
             reader.add(f.node(), set.error().what, set.error().hint);
         if (out.values.empty()) reader.add(f.node(), "nothing is to be changed", "give 'set' or 'delete'");
         return out;
       }},
  };
}

}  // namespace mimica::harness
