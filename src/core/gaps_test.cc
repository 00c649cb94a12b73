// SPDX-License-Identifier: Apache-2.0
// Conversations about files of which more than the rest is missing, or ranges only are wanted.
#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

constexpr std::uint64_t eof = to_end_of_file;

// The first 400,000 bytes are held, and 100,000 more behind a hole.
RemoteRecord holed(std::string modified = monday, std::string etag = "\"v1\"") {
  RemoteRecord record = held(std::move(modified), std::move(etag));
  record.held.add({600'000, 700'000});
  return record;
}

RemoteRecord of_ranges(std::vector<WantedRange> ranges, Extents stored = {}, std::string modified = monday,
                       std::string etag = "\"v1\"") {
  RemoteRecord record = held(std::move(modified), std::move(etag));
  record.held = std::move(stored);
  record.wanted = Wanted::of_ranges(std::move(ranges)).value();
  return record;
}

// --- a whole file with holes ---------------------------------------------------------------------

TEST(Holes, AreAskedForOneAfterTheOtherAndTheLastToTheEnd) {
  Talk talk(holed());
  EXPECT_EQ(talk.asked(), "400000-599999 if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(half, 599'999), dated, v1}), append);
  EXPECT_EQ(talk.body().place, half);
  EXPECT_TRUE(talk.end(200'000));
  EXPECT_EQ(talk.asked(), "700000- if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(700'000), dated, v1}), append);
  EXPECT_EQ(talk.body().place, 700'000U);
  EXPECT_FALSE(talk.end(300'000));
  EXPECT_TRUE(talk.done());
}

TEST(Holes, AtTheBeginOfTheFileComeFirst) {
  RemoteRecord record = holed();
  record.held.remove({0, half});
  Talk talk(record);
  EXPECT_EQ(talk.asked(), "0-599999 if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(0, 599'999), dated, v1}), append);
  EXPECT_TRUE(talk.end(600'000));
  EXPECT_EQ(talk.asked(), "700000- if \"v1\"");
}

TEST(Holes, OfAFileWithoutValidatorsAreDecidedByTheBytesInFrontOfThem) {
  Talk talk(holed("", ""));
  EXPECT_EQ(talk.asked(), std::to_string(half - sample_bytes) + "-599999");
  EXPECT_USE(talk.answer({partial, range(half - sample_bytes, 599'999)}), append);
  EXPECT_EQ(talk.body().sample, sample_bytes);
  EXPECT_EQ(talk.body().place, half) << "what is compared does not go into the part again";
  EXPECT_USE(talk.compared(Sample::equal), append);
  EXPECT_TRUE(talk.end(sample_bytes + 200'000));
  EXPECT_FALSE(talk.identity().version_untold);
  // Of what was held in front of the next one nothing is at hand.
  EXPECT_EQ(talk.asked(), std::to_string(half - sample_bytes) + "-399999");
  EXPECT_TRUE(talk.probe(Sample::equal));
  EXPECT_EQ(talk.asked(), "700000-");
  EXPECT_USE(talk.answer({partial, range(700'000)}), append);
  EXPECT_TRUE(talk.identity().version_untold) << "it may have changed since it was compared";
}

TEST(Holes, AShortRangeIsContinuedInsideOfThem) {
  Talk talk(holed());
  EXPECT_USE(talk.answer({partial, range(half, half + 9), dated, v1}), append);
  EXPECT_TRUE(talk.end(10));
  EXPECT_EQ(talk.asked(), "400010-599999 if \"v1\"");
}

TEST(Holes, MoreThanWasAskedForIsNotUsed) {
  Talk talk(holed());
  EXPECT_TRUE(talk.dropped({partial, range(half), dated, v1}));
  EXPECT_EQ(talk.asked(), "whole") << "its ranges are broken";
  EXPECT_USE(talk.answer({ok, all, dated, v1}), beside);
  EXPECT_EQ(talk.body().sample, sample_bytes);
  EXPECT_USE(talk.compared(Sample::equal), beside);
  EXPECT_FALSE(talk.end(size));
  EXPECT_TRUE(talk.done());
}

TEST(Holes, TheWholeBesideNeedsNothingToCompareWhereItsBeginIsMissing) {
  RemoteRecord record = holed();
  record.held.remove({0, half});
  record.ranges_refused = true;
  Talk talk(record);
  EXPECT_EQ(talk.asked(), "whole");
  EXPECT_USE(talk.answer({ok, all, dated, v1}), beside);
  EXPECT_EQ(talk.body().sample, 0U);
}

TEST(Holes, AnotherVersionIsFetchedFromTheBegin) {
  Talk talk(holed());
  EXPECT_USE(talk.answer({ok, "Content-Length: 80", redated, v2}), anew);
  EXPECT_FALSE(talk.end(80));
  EXPECT_TRUE(talk.done());
}

TEST(Holes, AreNotTheEndOfTheFile) {
  Talk talk(holed());
  EXPECT_TRUE(talk.dropped({outside, "Content-Range: bytes */400000"}));
  EXPECT_EQ(talk.asked(), "whole");
}

// --- ranges that are wanted ----------------------------------------------------------------------

TEST(Ranges, AreAskedForInTheOrderOfTheLocalFile) {
  Talk talk(of_ranges({{100, 100}, {999'000, eof}, {400, 100}}));
  EXPECT_EQ(talk.asked(), "100-199");
  EXPECT_USE(talk.answer({partial, range(100, 199), dated, v1}), append);
  EXPECT_EQ(talk.body().place, 0U);
  EXPECT_EQ(talk.identity().size, size);
  EXPECT_TRUE(talk.end(100));
  EXPECT_EQ(talk.asked(), "999000- if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(999'000), dated, v1}), append);
  EXPECT_EQ(talk.body().place, 100U);
  EXPECT_TRUE(talk.end(1000));
  EXPECT_EQ(talk.asked(), "400-499 if \"v1\"");
  EXPECT_USE(talk.answer({partial, range(400, 499), dated, v1}), append);
  EXPECT_EQ(talk.body().place, 1100U);
  EXPECT_FALSE(talk.end(100));
  EXPECT_TRUE(talk.done());
}

TEST(Ranges, GoOnInTheMiddleOfOne) {
  Talk talk(of_ranges({{500'000, 1000}, {0, 10}}, Extents::until(300), "", ""));
  EXPECT_EQ(talk.asked(), "500000-500999") << "the held begin of this range comes again";
  EXPECT_USE(talk.answer({partial, range(500'000, 500'999)}), append);
  EXPECT_EQ(talk.body().sample, 300U);
  EXPECT_EQ(talk.body().place, 300U);
}

// In front of them nothing is held that could be compared: what lies elsewhere decides.
TEST(Ranges, OfAnUntoldVersionAreDecidedByWhatIsHeldElsewhere) {
  const RemoteRecord record = of_ranges({{100, 100}, {900, 100}, {500, 100}}, Extents::until(100), "", "");
  Talk talk(record);
  EXPECT_EQ(talk.asked(), "100-199");
  EXPECT_TRUE(talk.probe(Sample::equal));
  EXPECT_EQ(talk.asked(), "900-999");
  EXPECT_USE(talk.answer({partial, range(900, 999)}), append);
  EXPECT_EQ(talk.body().place, 100U);
  EXPECT_TRUE(talk.identity().version_untold) << "it may have changed since it was compared";
  EXPECT_TRUE(talk.end(100));
  EXPECT_EQ(talk.asked(), "100-199") << "what was here before the range that came last, which may be of another version";
  EXPECT_TRUE(talk.probe(Sample::equal));
  EXPECT_USE(talk.answer({partial, range(500, 599)}), append);
  EXPECT_FALSE(talk.end(100));
  EXPECT_TRUE(talk.done());

  Talk other(record);
  EXPECT_TRUE(other.probe(Sample::differs));
  EXPECT_EQ(other.asked(), "100-199");
  EXPECT_USE(other.answer({partial, range(100, 199)}), anew);
  EXPECT_EQ(other.body().sample, 0U);

  // Of a conversation that began with nothing it is what came first.
  Talk fresh(of_ranges({{100, 100}, {900, 100}, {500, 100}}));
  EXPECT_USE(fresh.answer({partial, range(100, 199)}), append);
  EXPECT_TRUE(fresh.end(100));
  EXPECT_TRUE(fresh.probe(Sample::equal));
  EXPECT_USE(fresh.answer({partial, range(900, 999)}), append);
  EXPECT_TRUE(fresh.end(100));
  EXPECT_EQ(fresh.asked(), "100-199");
  EXPECT_TRUE(fresh.probe(Sample::differs)) << "the second was of another version";
  EXPECT_EQ(fresh.asked(), "100-199");
  EXPECT_USE(fresh.answer({partial, range(100, 199)}), anew);
  EXPECT_TRUE(fresh.end(100));
  EXPECT_EQ(fresh.asked(), "100-199");
  EXPECT_TRUE(fresh.probe(Sample::equal));

  Talk longer(record);
  EXPECT_TRUE(longer.dropped({partial, range(100, 199, 5000)}));
  EXPECT_EQ(longer.asked(), "100-199") << "another size, another version";
  EXPECT_USE(longer.answer({partial, range(100, 199, 5000)}), anew);
}

// What the answer tells after the bytes were compared has to be what was told with them.
TEST(Ranges, OfWhichTheTagsDifferAreDecidedByWhatIsHeldElsewhere) {
  const RemoteRecord record = of_ranges({{100, 100}, {900, 100}}, Extents::until(100));
  Talk talk(record);
  EXPECT_TRUE(talk.dropped({ok, all, dated, v2}));  // to a condition
  EXPECT_TRUE(talk.dropped({partial, range(900, 999), dated, v2}));
  EXPECT_EQ(talk.asked(), "100-199");
  EXPECT_TRUE(talk.probe(Sample::equal, {dated, v2}));
  EXPECT_EQ(talk.asked(), "900-999");
  EXPECT_USE(talk.answer({partial, range(900, 999), dated, v2}), append);
  EXPECT_FALSE(talk.identity().version_untold);

  Talk changed(record);
  EXPECT_TRUE(changed.dropped({ok, all, dated, v2}));
  EXPECT_TRUE(changed.dropped({partial, range(900, 999), dated, v2}));
  EXPECT_TRUE(changed.probe(Sample::differs, {dated, v2}));
  EXPECT_EQ(changed.asked(), "100-199");
  EXPECT_USE(changed.answer({partial, range(100, 199), dated, v2}), anew);

  // Two nodes that take turns: the one whose bytes are compared is never the one that goes on.
  Talk turns(record);
  EXPECT_TRUE(turns.dropped({ok, all, dated, v2}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(turns.dropped({partial, range(900, 999), dated, v2}));
    EXPECT_TRUE(turns.probe(Sample::equal, {dated, v1}));
  }
  EXPECT_USE(turns.answer({partial, range(900, 999), dated, v2}), append);
  EXPECT_TRUE(turns.identity().version_untold) << "size and date have to do";
}

// One repeated byte is the same in many files, and of what cannot be asked for nothing is known.
TEST(Ranges, OfWhichNoBytesTellTheVersionAreRemarked) {
  const auto third = [](Talk& talk) {
    EXPECT_TRUE(talk.end(100));
    EXPECT_USE(talk.answer({partial, range(500, 599), dated, v1}), append);
    EXPECT_TRUE(talk.identity().version_untold) << "what is told now says nothing of what came before";
  };
  Talk zeros(of_ranges({{100, 100}, {900, 100}, {500, 100}}));
  EXPECT_USE(zeros.answer({partial, range(100, 199)}), append);
  EXPECT_FALSE(zeros.identity().version_untold) << "one answer is of one version";
  EXPECT_TRUE(zeros.end(100));
  EXPECT_TRUE(zeros.probe(Sample::worthless));
  EXPECT_EQ(zeros.asked(), "900-999");
  EXPECT_USE(zeros.answer({partial, range(900, 999)}), append);
  EXPECT_TRUE(zeros.identity().version_untold);
  third(zeros);

  Talk elsewhere(of_ranges({{100, 100}, {900, 100}, {500, 100}}));
  EXPECT_USE(elsewhere.answer({partial, range(100, 199)}), append);
  EXPECT_TRUE(elsewhere.end(100));
  EXPECT_TRUE(elsewhere.dropped({partial, range(0, 199)}));
  EXPECT_EQ(elsewhere.asked(), "900-999");
  EXPECT_USE(elsewhere.answer({partial, range(900, 999)}), append);
  EXPECT_TRUE(elsewhere.identity().version_untold);
  third(elsewhere);
}

TEST(Ranges, WhatIsComparedIsNotAskedForWithoutEndWhereItIsCut) {
  Talk talk(of_ranges({{100, 1000}, {5000, 100}}, Extents::until(1000), "", ""));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(talk.dropped({partial, range(100, 199)}));
  EXPECT_EQ(talk.asked(), "5000-5099");
}

// What lies in front of a piece that is asked for at random is not what is at hand.
TEST(Ranges, BytesThatAreNotAtHandAreNotCompared) {
  RemoteRecord record = holed("", "");
  record.demand.asked = {{700'000, 700'100}};
  Talk talk(record);
  EXPECT_EQ(talk.asked(), std::to_string(half - sample_bytes) + "-399999");
  EXPECT_TRUE(talk.probe(Sample::equal));
  EXPECT_EQ(talk.asked(), "700000-700099");
  EXPECT_USE(talk.answer({partial, range(699'000, 700'099)}), append) << "a server that begins where it likes";
  EXPECT_EQ(talk.body().sample, 1000U);
  EXPECT_EQ(talk.body().at_hand, 0U);
  EXPECT_USE(talk.compared(Sample::worthless), append);
}

TEST(Ranges, OfAVersionThatIsToldOrProvenAreNotRemarked) {
  Talk told(of_ranges({{100, 100}, {900, 100}}));
  EXPECT_USE(told.answer({partial, range(100, 199), v1}), append);
  EXPECT_TRUE(told.end(100));
  EXPECT_USE(told.answer({partial, range(900, 999), v1}), append);
  EXPECT_FALSE(told.identity().version_untold);

  Talk compared(of_ranges({{500'000, 1000}, {0, 10}}, Extents::until(300), "", ""));
  EXPECT_USE(compared.answer({partial, range(500'000, 500'999)}), append);
  EXPECT_USE(compared.compared(Sample::equal), append);
  EXPECT_FALSE(compared.identity().version_untold) << "the bytes agree";

  RemoteRecord remarked = of_ranges({{100, 100}, {900, 100}}, Extents::until(100), "", "");
  remarked.identity.version_untold = true;
  Talk kept(remarked);
  EXPECT_TRUE(kept.probe(Sample::equal));
  EXPECT_USE(kept.answer({partial, range(900, 999)}), append);
  EXPECT_TRUE(kept.identity().version_untold);
  Talk changed(remarked);
  EXPECT_TRUE(changed.dropped({partial, range(900, 999, 5000)}));
  EXPECT_USE(changed.answer({partial, range(100, 199, 5000)}), anew);
  EXPECT_FALSE(changed.identity().version_untold) << "nothing of the other version is left";
}

// Neither the size nor a validator: nothing says that two of its answers belong together.
TEST(Ranges, OfAFileOfWhichNothingIsToldAreNotPutTogether) {
  const auto unsized = [](std::uint64_t first, std::uint64_t last) {
    return "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/*";
  };
  Talk one(of_ranges({{100, 100}}));
  EXPECT_USE(one.answer({partial, unsized(100, 199)}), append);
  EXPECT_FALSE(one.end(100));
  EXPECT_TRUE(one.done());
  Talk two(of_ranges({{100, 100}, {900, 100}}));
  EXPECT_USE(two.answer({partial, unsized(100, 199)}), append);
  EXPECT_TRUE(two.end(100));
  EXPECT_USE(two.answer({partial, unsized(100, 199)}), append);
  two.compared(Sample::worthless);
  EXPECT_TRUE(two.end(100));
  EXPECT_FALSE(two.dropped({partial, unsized(900, 999)}));
  EXPECT_EQ(two.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);
  EXPECT_NE(two.text().find("tells neither the size of the file nor Last-Modified or ETag"), std::string::npos) << two.text();

  Talk later(of_ranges({{100, 100}, {900, 100}}));
  EXPECT_USE(later.answer({partial, unsized(100, 199)}), append);
  EXPECT_TRUE(later.end(100));
  EXPECT_TRUE(later.probe(Sample::worthless));
  EXPECT_TRUE(later.dropped({partial, range(900, 999)})) << "now it tells the size";
  EXPECT_EQ(later.asked(), "100-199");
  EXPECT_USE(later.answer({partial, range(100, 199)}), anew);
  EXPECT_TRUE(later.end(100));
  EXPECT_USE(later.answer({partial, range(900, 999)}), append);
  EXPECT_FALSE(later.end(100));
  EXPECT_TRUE(later.done());
}

TEST(Ranges, A206ToAConditionThatTellsNoValidatorsIsAskedForWithoutOne) {
  Talk talk(of_ranges({{100, 100}, {900, 100}}, Extents::until(100)));
  EXPECT_EQ(talk.asked(), "900-999 if \"v1\"");
  EXPECT_TRUE(talk.dropped({partial, range(900, 999)}));
  EXPECT_EQ(talk.asked(), "900-999");
  EXPECT_FALSE(talk.dropped({partial, range(900, 999)}));
  EXPECT_EQ(static_cast<int>(talk.ending->doubt), static_cast<int>(Doubt::unproven));
}

TEST(Ranges, OfAnotherVersionBeginWithTheFirst) {
  Talk talk(of_ranges({{100, 100}, {900, 100}}, Extents::until(150)));
  EXPECT_EQ(talk.asked(), "950-999 if \"v1\"");
  EXPECT_TRUE(talk.dropped({ok, "Content-Length: 5000", redated, v2}));
  EXPECT_EQ(talk.asked(), "100-199");
  EXPECT_USE(talk.answer({partial, range(100, 199, 5000), redated, v2}), anew);
  EXPECT_EQ(talk.body().place, 0U);
  EXPECT_TRUE(talk.end(100));
  EXPECT_EQ(talk.asked(), "900-999 if \"v2\"");
}

TEST(Ranges, OfAServerThatGivesNoneAreAnError) {
  Talk first(of_ranges({{100, 100}}));
  EXPECT_FALSE(first.dropped({ok, all, dated, v1}));
  EXPECT_EQ(first.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);

  Talk later(of_ranges({{100, 100}, {900, 100}}, Extents::until(100)));
  EXPECT_TRUE(later.dropped({ok, all, dated, v1}));
  EXPECT_EQ(later.asked(), "900-999") << "it may only not heed the condition";
  EXPECT_FALSE(later.dropped({ok, all, dated, v1}));
  EXPECT_EQ(later.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT);

  for (const auto& other : {range(100, 250), range(0, 199), range(150, 199)}) {
    Talk another(of_ranges({{100, 100}}));
    EXPECT_FALSE(another.dropped({partial, other, dated, v1})) << other;
    EXPECT_EQ(another.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT) << other;
  }
  Talk endless(of_ranges({{100, eof}}));
  EXPECT_FALSE(endless.dropped({partial, "Content-Range: bytes 100-199/*", dated, v1}));
  EXPECT_EQ(endless.code(), Code::BG_E_INSUFFICIENT_RANGE_SUPPORT) << "nobody could tell its end";
}

TEST(Ranges, OutsideOfTheFileAreAnError) {
  Talk talk(of_ranges({{2'000'000, 100}}));
  EXPECT_FALSE(talk.dropped({outside, "Content-Range: bytes */1000000"}));
  EXPECT_EQ(talk.code(), Code::BG_E_INVALID_RANGE);

  Talk cut(of_ranges({{999'950, 100}}));
  EXPECT_FALSE(cut.dropped({partial, range(999'950, 999'999), dated, v1}));
  EXPECT_EQ(cut.code(), Code::BG_E_INVALID_RANGE);

  Talk second(of_ranges({{0, 10}, {size, eof}}));
  EXPECT_FALSE(second.dropped({partial, range(0, 9), dated, v1})) << "known at the first answer";
  EXPECT_EQ(second.code(), Code::BG_E_INVALID_RANGE);

  Talk denied(of_ranges({{0, 10}, {500, 10}}, Extents::until(10)));
  EXPECT_FALSE(denied.dropped({outside, "Content-Range: bytes */1000000", dated, v1}));
  EXPECT_EQ(static_cast<int>(denied.ending->doubt), static_cast<int>(Doubt::contradiction))
      << "it is not";
}

TEST(Ranges, AnErrorOfTheServerIsItsStatus) {
  for (const unsigned status : {400U, 403U, 404U, 503U}) {
    Talk talk(of_ranges({{100, 100}}));
    EXPECT_FALSE(talk.dropped({"HTTP/1.1 " + std::to_string(status) + " x"}));
    EXPECT_EQ(talk.code(), base::http_code(status));
  }
}

// --- properties ----------------------------------------------------------------------------------

// A server whose file changes now and then, and who breaks off, cuts ranges short and sends the whole
// instead; a client that goes on from what it holds. Every byte it ends with is of one version and lies
// where it belongs.
class Exchange {
 public:
  Exchange(std::uint64_t seed) : random_(seed) {
    std::vector<WantedRange> ranges;
    for (std::uint64_t at = random_.below(100); at < length; at += random_.below(200)) {
      ranges.push_back({at, std::min<std::uint64_t>(1 + random_.below(150), length - at)});
      at += ranges.back().length;
    }
    if (random_.chance(500)) ranges.back().length = eof;
    std::swap(ranges.front(), ranges.back());
    if (random_.chance(700)) record_.wanted = Wanted::of_ranges(ranges).value();
  }

  // True: the file is whole.
  bool transfer() {
    if (!record_.wanted.first_gap(record_.held, record_.identity.size) && !bytes_.empty()) return true;
    Talk talk(record_);
    for (int request = 0; request < 200; ++request) {
      if (random_.chance(10)) ++version_;
      const std::uint64_t sent = answer(talk);
      const bool cut = random_.chance(100);
      if (!talk.end(sent, cut)) break;
    }
    EXPECT_TRUE(talk.ending) << "it does not end";
    if (talk.done() && talk.body().use == Use::beside) bytes_ = beside_;
    return talk.done();
  }
  void expect_whole() const {
    const std::uint64_t local = record_.wanted.local_size(length);
    ASSERT_EQ(bytes_.size(), local);
    for (std::uint64_t from = 0; from < length; ++from) {
      const auto place = record_.wanted.place_of(from, length);
      if (!place) continue;
      ASSERT_EQ(bytes_[*place], (Byte{bytes_[0].first, from}));
    }
  }
  // Somebody else had some of it.
  void lose_some() {
    const std::uint64_t begin = random_.below(bytes_.size() + 1);
    record_.held.remove({begin, begin + random_.below(100)});
  }

 private:
  using Byte = std::pair<std::uint32_t, std::uint64_t>;  // of this version, and its place there
  static constexpr std::uint64_t length = 1000;

  std::string tag() const { return "\"" + std::to_string(version_) + "\""; }

  // How many bytes of the body came.
  std::uint64_t answer(Talk& talk) {
    const Ask ask = talk.ask();
    const bool same = ask.if_range.empty() || ask.if_range == tag();
    const bool part = ask.from && same && !random_.chance(30);
    if (part && !ask.more.empty() && random_.chance(800)) return answer_in_parts(talk, ask);
    std::uint64_t from = part ? *ask.from : 0;
    std::uint64_t until = part ? std::min(ask.until.value_or(length), length) : length;
    if (part && random_.chance(100)) until = from + 1 + random_.below(until - from);
    if (part && random_.chance(30)) from /= 2;
    std::vector<std::string> lines{part ? partial : ok, "ETag: " + tag()};
    lines.push_back(part ? range(from, until - 1, length) : "Content-Length: " + std::to_string(length));
    Use use = talk.answer(lines);
    if (use != Use::drop && talk.body().sample > 0) use = talk.compared(compare(talk.body()));
    if (use == Use::drop) return 0;
    std::uint64_t sent = until - from;
    if (random_.chance(50)) sent = random_.below(sent + 1);
    take(talk, from, sent);
    return sent;
  }

  // One part after the other; some servers leave some out, or give others than were asked for.
  std::uint64_t answer_in_parts(Talk& talk, const Ask& ask) {
    const std::string type = "Content-Type: multipart/byteranges; boundary=b";
    if (talk.answer({partial, type, "ETag: " + tag()}) == Use::drop) return 0;
    record_.identity = talk.identity();
    std::vector<Extent> parts = ask.more;
    parts.insert(parts.begin(), Extent{*ask.from, *ask.until});
    std::uint64_t sent = 0;
    for (const Extent& part : parts) {
      if (random_.chance(50)) continue;
      const std::uint64_t shift = random_.chance(50) ? 1 : 0;
      const auto gap = talk.part({part.begin + shift, part.end - 1, length});
      if (!gap) break;
      const std::uint64_t bytes = random_.chance(50) ? random_.below(part.length()) : part.length();
      put(gap->place, part.begin, bytes);
      sent += bytes;
      if (bytes < part.length()) break;
    }
    return sent;
  }

  void put(std::uint64_t place, std::uint64_t from, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i, ++place) {
      EXPECT_FALSE(record_.held.contains(place));
      if (bytes_.size() <= place) bytes_.resize(place + 1);
      bytes_[place] = {version_, from + i};
      record_.held.add({place, place + 1});
    }
  }

  Sample compare(const Body& body) const {
    const std::uint64_t at = body.use == Use::append ? body.place - 1 : 0;
    return bytes_.at(at).first == version_ ? Sample::equal : Sample::differs;
  }

  void take(const Talk& talk, std::uint64_t from, std::uint64_t sent) {
    const Body& body = talk.body();
    if (body.use == Use::beside) {
      beside_.clear();
      for (std::uint64_t i = 0; i < sent; ++i) beside_.emplace_back(version_, from + i);
      return;
    }
    if (body.use == Use::anew) {
      bytes_.clear();
      record_.held = {};
    }
    record_.identity = talk.identity();
    const std::uint64_t passed = std::min(sent, body.use == Use::append ? body.sample : 0);
    put(body.place, from + passed, sent - passed);
  }

  base::Prng random_;
  RemoteRecord record_;
  std::uint32_t version_ = 1;
  std::vector<Byte> bytes_;
  std::vector<Byte> beside_;
};

TEST(GapsProperty, EveryByteIsOfOneVersionAndLiesWhereItBelongs) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Exchange exchange(seed);
    int transfers = 1;
    for (; transfers < 500 && !exchange.transfer(); ++transfers)
      if (transfers % 3 == 0) exchange.lose_some();
    ASSERT_LT(transfers, 500) << "seed " << seed;
    exchange.expect_whole();
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

// --- little at once ------------------------------------------------------------------------------

// No answer is longer than the server makes any.
TEST(LittleAtOnce, ShortRangesWithoutValidatorsBringTheWholeFile) {
  constexpr std::uint64_t most = 50'000;
  const std::string silent;
  OriginMemory memory;
  Talk talk(held(silent, silent), memory);
  EXPECT_TRUE(talk.dropped({partial, range(half - sample_bytes, half - sample_bytes + most - 1)}));
  const std::uint64_t from = half - most / 8;
  EXPECT_EQ(talk.asked(), std::to_string(from) + "-");
  EXPECT_USE(talk.answer({partial, range(from, from + most - 1)}), append);
  EXPECT_USE(talk.compared(Sample::equal), append);
  std::uint64_t at = from;
  while (at + most < size) {
    ASSERT_TRUE(talk.end(most));
    at += most;
    at -= most / 8;
    ASSERT_EQ(talk.asked(), std::to_string(at) + "-") << "what came a moment ago is compared as well";
    ASSERT_EQ(static_cast<int>(talk.answer({partial, range(at, std::min(at + most, size) - 1)})),
              static_cast<int>(Use::append));
    ASSERT_EQ(talk.body().at_hand, most / 8);
    ASSERT_EQ(static_cast<int>(talk.compared(Sample::equal)), static_cast<int>(Use::append));
    ASSERT_FALSE(talk.identity().version_untold);
  }
  EXPECT_FALSE(talk.end(size - at));
  EXPECT_TRUE(talk.done());
}

// What every connection brings is less than what is compared.
TEST(LittleAtOnce, ConnectionsThatBreakSoonGetOn) {
  const std::string silent;
  OriginMemory memory;
  RemoteRecord record = held(silent, silent);
  for (const std::uint64_t brought : {50'000U, 50'000U, 5'000U, 5'000U, 700'000U, 700'000U}) {
    Talk talk(record, memory);
    const std::uint64_t at = *talk.ask().from;
    EXPECT_USE(talk.answer({partial, range(at)}), append);
    EXPECT_FALSE(talk.end(brought, true));
  }
  EXPECT_EQ(*Talk(record, memory).ask().from, half - sample_bytes) << "where there is room it is more again";
  Talk soon(record, memory);
  EXPECT_USE(soon.answer({partial, range(half - sample_bytes)}), append);
  EXPECT_FALSE(soon.end(50'000, true));
  EXPECT_EQ(*Talk(record, memory).ask().from, half - 50'000 / 8);
  Talk none(record, memory);
  EXPECT_USE(none.answer({partial, range(half - 50'000 / 8)}), append);
  EXPECT_FALSE(none.end(0, true)) << "one that brings nothing says nothing";
  EXPECT_EQ(*Talk(record, memory).ask().from, half - 50'000 / 8);
}

// Each answer is sound, and voids what the one before it brought.
TEST(Ranges, OfAnotherVersionAtEveryRequestAreNotAskedForWithoutEnd) {
  Talk talk(of_ranges({{0, 100'000}, {200'000, 100'000}}));
  int requests = 0;
  for (; !talk.ending && requests < 100; ++requests) {
    const std::uint64_t from = talk.ask().from.value_or(0);
    const bool odd = requests % 2 != 0;
    const Use use = talk.answer({partial, range(from, from + 99'999), odd ? redated : dated, odd ? v2 : v1});
    talk.end(use == Use::drop ? 0 : 100'000);
  }
  EXPECT_LT(requests, 12);
  EXPECT_EQ(talk.code(), Code::WINHTTP_CONNECTION_ERROR) << "it is tried again, after a pause";
}

}  // namespace
}  // namespace backhaul::core
