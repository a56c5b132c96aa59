#include <net/secret.hpp>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>

namespace rejoin::net {

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // Digests have one length, so that not even the length of the secret shows.
  std::array<unsigned char, SHA256_DIGEST_LENGTH> of_a{};
  std::array<unsigned char, SHA256_DIGEST_LENGTH> of_b{};
  SHA256(reinterpret_cast<const unsigned char*>(a.data()), a.size(), of_a.data());
  SHA256(reinterpret_cast<const unsigned char*>(b.data()), b.size(), of_b.data());
  return CRYPTO_memcmp(of_a.data(), of_b.data(), of_a.size()) == 0;
}

}  // namespace rejoin::net
