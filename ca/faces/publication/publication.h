// The CertEnroll folder over HTTP: CA certificates and revocation lists at the URLs that certificates carry.
#pragma once

#include <vector>

#include "ca/authority/authority.h"
#include "net/http.h"

namespace mimica::ca {

// GET and HEAD of the files' paths (names without case, as IIS compares them; "%2B" and "+" are the same), with ETag,
// Last-Modified and conditional requests. Other paths answer 404 with a list of what there is, other methods 405.
HttpResponse serve_publication(const HttpRequest& request, const std::vector<PublishedFile>& files);

// Whether the path belongs to this face: it names one of the files or lies below /CertEnroll/.
bool is_publication_path(const HttpRequest& request, const std::vector<PublishedFile>& files);

// The same over a CA; 503 when its database or directory does not answer.
HttpResponse serve_publication(const HttpRequest& request, CertificationAuthority& authority);

}  // namespace mimica::ca
