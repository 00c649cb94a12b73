// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/shortage.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>

#include "adapters/curl/errors.h"

#if defined(__SANITIZE_ADDRESS__)
#define BACKHAUL_ENDS_WITHOUT_MEMORY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BACKHAUL_ENDS_WITHOUT_MEMORY
#endif
#endif

namespace backhaul::curl {
namespace {

TEST(CurlShortage, ADescriptorThatIsMissingIsNoticedAndNoneIsKept) {
  EXPECT_EQ(short_of_descriptors(8), 0);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 3;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const int error = short_of_descriptors(1);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(error, EMFILE);
  EXPECT_EQ(short_of_descriptors(8), 0);
}

TEST(CurlShortage, MemoryThatIsRefusedIsCounted) {
#ifdef BACKHAUL_ENDS_WITHOUT_MEMORY
  GTEST_SKIP() << "AddressSanitizer ends the program instead";
#endif
  const unsigned before = refused_allocations();
  void* memory = allocate(8);
  EXPECT_NE(memory, nullptr);
  std::free(memory);
  EXPECT_EQ(refused_allocations(), before);
  const volatile std::size_t everything = SIZE_MAX / 4;
  EXPECT_EQ(allocate(everything), nullptr);
  EXPECT_EQ(refused_allocations(), before + 1);
}

TEST(CurlShortage, TheLargeBuffersOfARequestAreThereForTheNext) {
  ASSERT_EQ(init_libcurl(), CURLE_OK);
  constexpr std::size_t large = 512U * 1024U + 1;
  void* const first = allocate(large);
  void* const second = allocate(large);
  curl_free(first);
  void* const small = allocate(100);
  EXPECT_NE(small, first);
  void* const larger = allocate(4 * large);
  EXPECT_NE(larger, first) << "it would be too short";
  EXPECT_EQ(allocate(large), first);
  for (void* memory : {first, second, small, larger}) curl_free(memory);
  drop_spare_buffers();
  curl_global_cleanup();
}

TEST(CurlShortage, NobodyElseGetsTheBlame) {
  for (const CURLcode result : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
                                CURLE_SSL_CACERT_BADFILE, CURLE_PEER_FAILED_VERIFICATION})
    EXPECT_EQ(to_error({.result = result, .host = "example.org", .shortage = EMFILE}).code,
              base::Code::TOO_MANY_OPEN_FILES)
        << result;
  EXPECT_EQ(to_error({.result = CURLE_COULDNT_CONNECT, .shortage = ENOMEM}).code,
            base::Code::E_OUTOFMEMORY);
}

}  // namespace
}  // namespace backhaul::curl
