// SPDX-License-Identifier: Apache-2.0
#include "cli/input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

namespace backhaul::cli {
namespace {

// Never ends; counts what was taken.
class Endless : public std::streambuf {
 public:
  // One line of it, or a piece of what has no lines.
  explicit Endless(const std::string& text) {
    while (text_.size() < 1'000'000) text_ += text;
  }
  std::size_t taken = 0;

 protected:
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    for (std::streamsize done = 0; done < count;) {
      const std::size_t at = taken % text_.size();
      const std::size_t size = text_.copy(to + done, static_cast<std::size_t>(count - done), at);
      taken += size;
      done += static_cast<std::streamsize>(size);
    }
    return count;
  }

 private:
  std::string text_;
};

std::string refusal_of(Endless& endless) {
  std::istream in(&endless);
  const auto text = read_list(in);
  return text ? "" : text.error();
}

TEST(ReadList, TakesATextAsItIs) {
  std::string long_list;
  for (int i = 0; i < 20'000; ++i) long_list += "http://host/" + std::to_string(i) + "\n";
  for (const std::string& text : {std::string(), std::string("a"), std::string("a\n"), std::string("a\n\nb"), long_list}) {
    std::istringstream in(text);
    EXPECT_EQ(read_list(in), text);
  }
}

TEST(ReadList, EndsWithWhatNeverEnds) {
  Endless zero(std::string(1, '\0'));
  EXPECT_EQ(refusal_of(zero), "its line 1 holds a NUL: it is no text");
  EXPECT_LT(zero.taken, 1'000'000U);
  Endless line("x");
  EXPECT_EQ(refusal_of(line), "its line 1 is longer than 1 MiB");
  EXPECT_LT(line.taken, 2'000'000U);
  Endless lines(std::string(99'999, 'x') + "\n");
  EXPECT_EQ(refusal_of(lines), "it is longer than 64 MiB");
  EXPECT_LT(lines.taken, list_max + 1'000'000);
}

TEST(ReadList, NamesTheLine) {
  std::istringstream nul(std::string("a\nb\0c\nd\n", 8));
  EXPECT_EQ(read_list(nul).error(), "its line 2 holds a NUL: it is no text");
  std::istringstream in("a\nb\n" + std::string(list_line_max + 1, 'x') + "\n");
  EXPECT_EQ(read_list(in).error(), "its line 3 is longer than 1 MiB");
  std::istringstream longest("a\n" + std::string(list_line_max, 'x') + "\n");
  EXPECT_TRUE(read_list(longest));
}

class Folders : public testing::Test {
 protected:
  Folders() {
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
    for (const char* name : {"/d", "/e"}) std::filesystem::create_directory(root_ + name);
    std::filesystem::create_directory_symlink(root_ + "/d", root_ + "/link");
  }
  ~Folders() override { std::filesystem::remove_all(root_); }
  std::vector<FileSpec> files(std::initializer_list<const char*> names) const {
    std::vector<FileSpec> files;
    for (const char* name : names) files.emplace_back("http://x/" + std::to_string(files.size()), root_ + name);
    return files;
  }

  std::string root_ = std::filesystem::path(testing::TempDir()) / "backhaul-folders-XXXXXX";
};

TEST_F(Folders, TwoWaysToOneFileClashWhateverLiesBetweenThem) {
  EXPECT_EQ(clash_of(files({"/d/a", "/link/b", "/link/c", "/e/a", "/d/d"})), "");
  EXPECT_NE(clash_of(files({"/d/a", "/link/b", "/e/c", "/link/a"})), "");
  EXPECT_NE(clash_of(files({"/none/a", "/none/b", "/none/a"})), "");
}

TEST_F(Folders, TheFirstThatIsMissingIsTold) {
  EXPECT_EQ(missing_directory(files({"/d/a", "/d/b", "/e/a", "/link/c"})), "");
  EXPECT_EQ(missing_directory(files({"/d/a", "/d/b", "/none/a", "/other/a"})), root_ + "/none");
}

}  // namespace
}  // namespace backhaul::cli
