# Writes a header with every PEM block of the given files as one array element, so that no string literal gets long.
#   cmake -DOUT=... -DFILES="a.pem;b.pem" -P EmbedKeys.cmake
set(content "// Generated from scenarios/keys by cmake/EmbedKeys.cmake.\n#pragma once\n\nnamespace mimica::harness::detail {\ninline constexpr const char* kTestKeys[] = {\n")
foreach(file IN LISTS FILES)
  file(READ ${file} text)
  string(REGEX MATCHALL "-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----\n" blocks "${text}")
  foreach(block IN LISTS blocks)
    string(APPEND content "R\"pem(${block})pem\",\n")
  endforeach()
endforeach()
string(APPEND content "};\n}  // namespace mimica::harness::detail\n")
file(WRITE ${OUT} "${content}")
