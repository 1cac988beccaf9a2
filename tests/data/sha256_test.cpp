#include "data/sha256.hpp"

#include <doctest/doctest.h>

#include "data/atomic_file.hpp"
#include "data/mutation.hpp"
#include "data/scratch_folder.hpp"

using namespace odeon::host;
using namespace odeon::test;

TEST_CASE("SHA-256 of the vectors of FIPS 180-4") {
  const ScratchFolder folder;
  const auto sum = [&](const std::string& text) {
    write_file_atomically(folder / "message", text);
    return sha256_of_file(folder / "message");
  };
  CHECK(sum("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sum("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sum(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("what cannot be read has no SHA-256") {
  const ScratchFolder folder;
  CHECK(message_of([&] { sha256_of_file(folder / "missing"); }).starts_with(folder / "missing: cannot be"));
  CHECK(message_of([&] { sha256_of_file(folder.path()); }).starts_with(folder.path() + ": reading stopped"));
}
