# Writes a header with every PEM block of the given files as one array element, so that no string literal gets long. The
# file name is the key's kind as core/pki/key.h spells it in lower case (rsa-2048.pem, p-256.pem).
#   cmake -DOUT=... -DFILES="a.pem;b.pem" -P EmbedKeys.cmake
set(content "// Generated from scenarios/keys by cmake/EmbedKeys.cmake.\n#pragma once\n\nnamespace mimica::harness::detail {\n")
string(APPEND content "struct TestKey {\n  const char* kind;\n  const char* pem;\n};\ninline constexpr TestKey kTestKeys[] = {\n")
foreach(file IN LISTS FILES)
  get_filename_component(kind ${file} NAME_WE)
  file(READ ${file} text)
  string(REGEX MATCHALL "-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----\n" blocks "${text}")
  foreach(block IN LISTS blocks)
    string(APPEND content "{\"${kind}\", R\"pem(${block})pem\"},\n")
  endforeach()
endforeach()
string(APPEND content "};\n}  // namespace mimica::harness::detail\n")
file(WRITE ${OUT} "${content}")
