#include "templates/published.h"

#include <algorithm>

#include "core/base/text.h"
#include "templates/rules.h"

namespace mimica::templates {
namespace {

constexpr HResult kRefusal = HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE;

std::string without_blanks(std::string_view text) {
  std::string out;
  for (const char c : to_lower(text)) {
    if (c != ' ' && c != '\t') out += c;
  }
  return out;
}

// The template that the writer of `requested` meant: display name first, then a name that differs in blanks only.
const CertificateTemplate* meant(std::string_view requested, std::span<const CertificateTemplate> templates) {
  for (const CertificateTemplate& value : templates) {
    if (equals_ignore_case(value.display_name, requested)) return &value;
  }
  for (const CertificateTemplate& value : templates) {
    if (without_blanks(value.cn) == without_blanks(requested)) return &value;
  }
  return nullptr;
}

std::string list(const std::vector<std::string>& names) { return names.empty() ? "no template" : join(names, ", "); }

}  // namespace

const CertificateTemplate* find_template(std::span<const CertificateTemplate> templates, std::string_view name_or_oid) {
  for (const CertificateTemplate& value : templates) {
    if (equals_ignore_case(value.cn, name_or_oid)) return &value;
  }
  for (const CertificateTemplate& value : templates) {
    if (!value.oid.empty() && value.oid.dotted() == name_or_oid) return &value;
  }
  return nullptr;
}

Decision<CertificateTemplate> decide_published(std::string_view requested,
                                               std::span<const CertificateTemplate> templates,
                                               const Publication& publication) {
  Trace trace;
  const auto refuse = [&trace] { return Decision<CertificateTemplate>::refuse(std::move(trace)); };
  const CertificateTemplate* value = find_template(templates, requested);
  if (value == nullptr) {
    std::vector<Fact> facts{{"requested", std::string(requested)}, {"published", list(publication.published)}};
    const CertificateTemplate* other = meant(requested, templates);
    if (other != nullptr && equals_ignore_case(other->display_name, requested)) {
      facts.push_back({"template name", other->cn});
      trace.fail(rule::kCatalogExists, kRefusal,
                 quote(requested) + " is the display name of the template " + quote(other->cn) + ", not its name",
                 std::move(facts), "the profile names the display name; use the cn " + quote(other->cn));
    } else if (other != nullptr) {
      facts.push_back({"template name", other->cn});
      trace.fail(rule::kCatalogExists, kRefusal,
                 "there is no template " + quote(requested) + "; there is " + quote(other->cn), std::move(facts),
                 "use the cn " + quote(other->cn));
    } else {
      trace.fail(rule::kCatalogExists, kRefusal, "there is no template " + quote(requested), std::move(facts));
    }
    return refuse();
  }
  trace.pass(rule::kCatalogExists, quote(value->cn) + " exists (" + quote(value->display_name) + ")",
             {{"requested", std::string(requested)}, {"template name", value->cn}});

  const std::vector<Fact> schema{{"schema version", std::to_string(value->schema_version)}};
  if (value->schema_version < 1 || value->schema_version > 4) {
    trace.fail(
        rule::kCatalogSchema, kRefusal,
        quote(value->cn) + " has schema version " + std::to_string(value->schema_version) + ", which the CA ignores",
        schema);
    return refuse();
  }
  trace.pass(rule::kCatalogSchema, "schema version " + std::to_string(value->schema_version), schema);

  const bool is_published = std::any_of(publication.published.begin(), publication.published.end(),
                                        [&](const std::string& cn) { return equals_ignore_case(cn, value->cn); });
  if (!is_published) {
    trace.fail(
        rule::kCatalogPublished, kRefusal, quote(value->cn) + " exists but is not published by " + publication.ca_name,
        {{"template name", value->cn}, {"published", list(publication.published)}},
        "publish it on " + publication.ca_name + ": Certificate Templates > New > Certificate Template to Issue");
    return refuse();
  }
  trace.pass(rule::kCatalogPublished, quote(value->cn) + " is published by " + publication.ca_name);

  const std::vector<Fact> versions{{"required", std::to_string(value->ca_version())},
                                   {"CA version", std::to_string(publication.ca_version)}};
  if (value->ca_version() > publication.ca_version) {
    trace.fail(rule::kCatalogCaVersion, kRefusal,
               quote(value->cn) + " asks for CA version " + std::to_string(value->ca_version()) + ", " +
                   publication.ca_name + " has " + std::to_string(publication.ca_version),
               versions);
    return refuse();
  }
  trace.pass(rule::kCatalogCaVersion, "CA version " + std::to_string(publication.ca_version) + " suffices", versions);
  return Decision<CertificateTemplate>::grant(*value, std::move(trace));
}

}  // namespace mimica::templates
