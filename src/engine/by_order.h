// SPDX-License-Identifier: Apache-2.0
// Ids of jobs by Job::order, which no two jobs share. Sorted pieces instead of the nodes of a std::map: there
// is a place in here for every job of the queue, and nearly all are added behind the others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace backhaul::engine {

class ByOrder {
 public:
  using value_type = std::pair<std::uint64_t, base::JobId>;

  // Good until something is added or removed.
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = ByOrder::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator() = default;
    reference operator*() const { return (*pieces_)[piece_][place_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      if (++place_ == (*pieces_)[piece_].size()) {
        ++piece_;
        place_ = 0;
      }
      return *this;
    }
    const_iterator operator++(int) {
      const const_iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const const_iterator&) const = default;

   private:
    friend class ByOrder;
    const_iterator(const std::vector<std::vector<value_type>>& pieces, std::size_t piece, std::size_t place)
        : pieces_(&pieces), piece_(piece), place_(place) {}
    const std::vector<std::vector<value_type>>* pieces_ = nullptr;
    std::size_t piece_ = 0;
    std::size_t place_ = 0;
  };

  const_iterator begin() const { return {pieces_, 0, 0}; }
  const_iterator end() const { return {pieces_, pieces_.size(), 0}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The first of this order or a later one.
  const_iterator lower_bound(std::uint64_t order) const {
    const std::size_t piece = piece_of(order);
    return {pieces_, piece, piece == pieces_.size() ? 0 : place_in(pieces_[piece], order)};
  }
  bool contains(std::uint64_t order) const {
    const const_iterator found = lower_bound(order);
    return found != end() && found->first == order;
  }

  // One that is there stays as it is.
  void emplace(std::uint64_t order, const base::JobId& id) {
    std::size_t piece = piece_of(order);
    if (piece == pieces_.size()) {  // behind all others
      if (pieces_.empty() || pieces_.back().size() == most) pieces_.emplace_back();
      piece = pieces_.size() - 1;
    }
    std::size_t place = place_in(pieces_[piece], order);
    if (place < pieces_[piece].size() && pieces_[piece][place].first == order) return;
    if (pieces_[piece].size() == most) {
      halve(piece);
      if (place > most / 2) {
        ++piece;
        place -= most / 2;
      }
    }
    pieces_[piece].insert(pieces_[piece].begin() + static_cast<std::ptrdiff_t>(place), {order, id});
    ++size_;
  }
  void erase(std::uint64_t order) {
    const const_iterator found = lower_bound(order);
    if (found == end() || found->first != order) return;
    std::vector<value_type>& piece = pieces_[found.piece_];
    piece.erase(piece.begin() + static_cast<std::ptrdiff_t>(found.place_));
    if (piece.empty())
      pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(found.piece_));
    else if (piece.size() <= piece.capacity() / 4)
      piece.shrink_to_fit();  // a few old jobs among many that came and went
    --size_;
  }

  // However they lie in pieces.
  bool operator==(const ByOrder& other) const {
    return size_ == other.size_ && std::equal(begin(), end(), other.begin());
  }

 private:
  static constexpr std::size_t most = 128;

  // The first that ends at this order or behind it.
  std::size_t piece_of(std::uint64_t order) const {
    const auto found = std::ranges::lower_bound(
        pieces_, order, {}, [](const std::vector<value_type>& piece) { return piece.back().first; });
    return static_cast<std::size_t>(found - pieces_.begin());
  }
  static std::size_t place_in(const std::vector<value_type>& piece, std::uint64_t order) {
    const auto found = std::ranges::lower_bound(piece, order, {}, &value_type::first);
    return static_cast<std::size_t>(found - piece.begin());
  }
  void halve(std::size_t piece) {
    std::vector<value_type>& first = pieces_[piece];
    std::vector<value_type> second(first.begin() + most / 2, first.end());
    first.resize(most / 2);
    pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(piece) + 1, std::move(second));
  }

  std::vector<std::vector<value_type>> pieces_;  // none of them empty
  std::size_t size_ = 0;
};

}  // namespace backhaul::engine
