// SPDX-License-Identifier: Apache-2.0
#include "core/byteranges.h"

#include <algorithm>
#include <utility>

#include "base/result.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

constexpr int blank_lines_max = 2;  // in front of a boundary

}  // namespace

ByteRanges::Step ByteRanges::next(std::span<const std::byte> data) {
  std::size_t used = 0;
  while (used < data.size()) {
    if (state_ == State::end) return behind_end(data.size());
    if (state_ == State::broken) return {.what = What::broken, .used = used};
    if (state_ == State::body)
      return {.what = used == 0 ? What::bytes : What::more,
              .used = used == 0 ? static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size())) : used};
    const char c = static_cast<char>(data[used++]);
    if (++head_bytes_ > part_head_max) {
      state_ = State::broken;
      continue;
    }
    if (c != '\n') {
      line_ += c;
      continue;
    }
    const std::string text = std::exchange(line_, {});
    if (auto step = line(without_line_end(text))) {
      step->used = used;
      return *step;
    }
  }
  if (state_ == State::broken) return {.what = What::broken, .used = used};
  return {.what = What::more, .used = used};
}

// Nobody wants it, and a server may send it for ever.
ByteRanges::Step ByteRanges::behind_end(std::size_t size) {
  head_bytes_ += size;
  if (head_bytes_ <= part_head_max) return {.what = What::end, .used = size};
  state_ = State::broken;
  return {.what = What::broken};
}

// Set: what the caller has to know of.
std::optional<ByteRanges::Step> ByteRanges::line(std::string_view text) {
  if (state_ == State::outside) {
    if (text.empty() && ++blank_lines_ <= blank_lines_max) return std::nullopt;
    const std::string delimiter = "--" + boundary_;
    if (text == delimiter + "--") {
      state_ = State::end;
      return Step{.what = What::end};
    }
    state_ = text == delimiter ? State::head : State::broken;
    range_.reset();
    return std::nullopt;
  }
  if (text.empty()) {
    if (!range_ || !range_->first) {
      state_ = State::broken;
      return std::nullopt;
    }
    left_ = *range_->last - *range_->first + 1;
    state_ = State::body;
    head_bytes_ = 0;
    blank_lines_ = 0;
    return Step{.what = What::part, .used = 0, .range = *range_};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || to_lower(text.substr(0, colon)) != "content-range") return std::nullopt;
  // Two of them, or one that cannot be understood, say nothing.
  const auto range = range_ ? std::nullopt : parse_content_range(trimmed(text.substr(colon + 1)));
  if (range)
    range_ = range;
  else
    state_ = State::broken;
  return std::nullopt;
}

void ByteRanges::took(std::size_t bytes) {
  BH_ASSERT(state_ == State::body && bytes <= left_);
  left_ -= bytes;
  if (left_ == 0) state_ = State::outside;
}

}  // namespace backhaul::core
