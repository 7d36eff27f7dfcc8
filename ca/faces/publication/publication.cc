#include "ca/faces/publication/publication.h"
#include "core/base/text.h"

#include <algorithm>

namespace mimica::ca {
namespace {

constexpr std::string_view kFolder = "/CertEnroll/";

const PublishedFile* find_file(std::string_view path, const std::vector<PublishedFile>& files) {
  for (const PublishedFile& file : files)
    if (equals_ignore_case(file.path, path)) return &file;
  return nullptr;
}

std::string entity_tag(const PublishedFile& file) {
  return "\"" + to_hex(digest(Digest::sha256, file.content)).substr(0, 32) + "\"";
}

// RFC 9110 13.1.2: a list of tags or '*'; weak comparison.
bool lists_tag(std::string_view list, std::string_view tag) {
  for (std::string_view part : split(list, ',')) {
    part = trim(part);
    if (part == "*") return true;
    if (part.substr(0, 2) == "W/") part.remove_prefix(2);
    if (part == tag) return true;
  }
  return false;
}

bool is_unchanged(const HttpRequest& request, const PublishedFile& file, std::string_view tag) {
  if (const auto tags = request.header("If-None-Match")) return lists_tag(*tags, tag);
  if (const auto since = request.header("If-Modified-Since")) {
    const Result<Timestamp> date = parse_http_date(*since);
    return date && file.modified <= *date;
  }
  return false;
}

std::string listing(const std::vector<PublishedFile>& files) {
  std::vector<std::string> paths;
  for (const PublishedFile& file : files) paths.push_back("  " + file.path);
  std::sort(paths.begin(), paths.end());
  return join(paths, "\n");
}

}  // namespace

bool is_publication_path(const HttpRequest& request, const std::vector<PublishedFile>& files) {
  const auto path = request.path();
  return path && (starts_with_ignore_case(*path, kFolder) || find_file(*path, files) != nullptr);
}

HttpResponse serve_publication(const HttpRequest& request, const std::vector<PublishedFile>& files) {
  const auto path = request.path();
  if (!path) return text_response(400, "the path is not correctly percent-encoded");
  const PublishedFile* file = find_file(*path, files);
  if (file == nullptr) return text_response(404, "there is no " + *path + "; published are:\n" + listing(files));
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response =
        text_response(405, request.method + " is not possible here: published files can only be read");
    response.set_header("Allow", "GET, HEAD");
    return response;
  }
  HttpResponse response;
  const std::string tag = entity_tag(*file);
  response.set_header("ETag", tag);
  response.set_header("Last-Modified", to_http_date(file->modified));
  if (is_unchanged(request, *file, tag)) {
    response.status = 304;
    return response;
  }
  response.set_header("Content-Type",
                      file->kind == PublishedFile::Kind::crl ? "application/pkix-crl" : "application/pkix-cert");
  response.body = file->content;
  response.head_only = request.method == "HEAD";
  return response;
}

HttpResponse serve_publication(const HttpRequest& request, CertificationAuthority& authority) {
  const Result<std::vector<PublishedFile>> files = authority.published_files();
  if (!files) return text_response(503, "the CA cannot answer: " + files.error().describe());
  return serve_publication(request, *files);
}

}  // namespace mimica::ca
