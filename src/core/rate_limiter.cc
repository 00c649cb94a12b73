// SPDX-License-Identifier: Apache-2.0
#include "core/rate_limiter.h"

#include <algorithm>
#include <utility>

namespace backhaul::core {
namespace {

using namespace std::chrono_literals;
using base::BootTime;
using base::Microseconds;

// What is granted at once: so much time of the rate, but no crumbs.
constexpr std::uint64_t pieces_a_second = 20;
constexpr std::uint64_t least_piece = 512;
// How much of what was not used may be caught up with, because timers are late.
constexpr Microseconds slack = 100ms;

std::uint64_t piece_of(std::uint64_t rate) { return std::max(rate / pieces_a_second, least_piece); }

Microseconds time_of(std::uint64_t octets, std::uint64_t rate) {
  const double seconds = static_cast<double>(octets) / static_cast<double>(rate);
  return Microseconds(static_cast<std::int64_t>(seconds * 1e6 + 0.5));
}

}  // namespace

std::optional<std::uint64_t> RateLimiter::ahead(std::optional<std::uint64_t> rate) {
  if (!rate) return std::nullopt;
  return 2 * piece_of(*rate);
}

// A higher rate pays sooner for what is owed. What was granted at a higher one belongs to the time before,
// but is not kept beyond a piece of the new one.
void RateLimiter::set(const RateLimits& limits, BootTime now) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    const auto before = limits_.octets[i];
    const auto after = limits.octets[i];
    Bucket& bucket = buckets_[i];
    if (before == after) continue;
    if (!before || !after || *before == 0 || *after == 0 || bucket.free_at <= now) {
      bucket.free_at = now;
      continue;
    }
    const double scale = std::min(1.0, static_cast<double>(*before) / static_cast<double>(*after));
    const auto owed = static_cast<double>((bucket.free_at - now).count());
    bucket.free_at = now + Microseconds(static_cast<std::int64_t>(owed * scale));
  }
  for (auto& [transfer, account] : accounts_) {
    const auto rate = limits.of(account.priority);
    const auto before = limits_.of(account.priority);
    if (rate == before) continue;
    const std::int64_t most = rate && *rate > 0 ? static_cast<std::int64_t>(piece_of(*rate)) : 0;
    account.credit = before ? std::min(account.credit, most) : 0;
    if (!rate) account.credit = 0;
  }
  limits_ = limits;
}

RateLimiter::Account& RateLimiter::open(base::TransferId transfer, base::Priority priority) {
  Account& account = accounts_[transfer];
  if (account.priority == priority) return account;
  leave_line(transfer, account);
  account = {.priority = priority};
  return account;
}

void RateLimiter::leave_line(base::TransferId transfer, Account& account) {
  if (std::exchange(account.in_line, false)) std::erase(bucket_of(account.priority).line, transfer);
}

// A piece, if the bucket has one.
bool RateLimiter::grant(Account& account, BootTime now) {
  const std::uint64_t rate = *limits_.of(account.priority);
  Bucket& bucket = bucket_of(account.priority);
  if (rate == 0 || now < bucket.free_at) return false;
  const std::uint64_t piece = piece_of(rate);
  bucket.free_at = std::max(bucket.free_at, now - slack) + time_of(piece, rate);
  account.credit += static_cast<std::int64_t>(piece);
  return true;
}

std::uint64_t RateLimiter::take(base::TransferId transfer, base::Priority priority,
                                std::uint64_t wanted, BootTime now) {
  if (!limits_.of(priority)) return wanted;
  Account& account = open(transfer, priority);
  Bucket& bucket = bucket_of(priority);
  const auto all = static_cast<std::int64_t>(wanted);
  while (account.credit < all && bucket.line.empty() && grant(account, now)) {
  }
  if (account.credit < all && !std::exchange(account.in_line, true)) bucket.line.push_back(transfer);
  const std::uint64_t taken =
      std::min(wanted, static_cast<std::uint64_t>(std::max<std::int64_t>(account.credit, 0)));
  account.credit -= static_cast<std::int64_t>(taken);
  return taken;
}

void RateLimiter::came(base::TransferId transfer, base::Priority priority, std::uint64_t octets) {
  if (limits_.of(priority)) open(transfer, priority).credit -= static_cast<std::int64_t>(octets);
}

void RateLimiter::put_back(base::TransferId transfer, std::uint64_t octets) {
  const auto found = accounts_.find(transfer);
  if (found != accounts_.end()) found->second.credit += static_cast<std::int64_t>(octets);
}

void RateLimiter::ended(base::TransferId transfer, BootTime now) {
  const auto found = accounts_.find(transfer);
  if (found == accounts_.end()) return;
  Account& account = found->second;
  leave_line(transfer, account);
  const auto rate = limits_.of(account.priority);
  if (rate && *rate > 0) {
    Bucket& bucket = bucket_of(account.priority);
    const bool owes = account.credit < 0;
    const Microseconds time = time_of(
        static_cast<std::uint64_t>(owes ? -account.credit : account.credit), *rate);
    bucket.free_at = owes ? std::max(bucket.free_at, now - slack) + time : bucket.free_at - time;
  }
  accounts_.erase(found);
}

std::vector<base::TransferId> RateLimiter::due(BootTime now) {
  std::vector<base::TransferId> free;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    Bucket& bucket = buckets_[i];
    while (!bucket.line.empty()) {
      const base::TransferId first = bucket.line.front();
      Account& account = accounts_.at(first);
      if (limits_.octets[i]) {
        while (account.credit <= 0 && grant(account, now)) {
        }
        if (account.credit <= 0) break;
      }
      account.in_line = false;
      bucket.line.pop_front();
      free.push_back(first);
    }
  }
  return free;
}

BootTime RateLimiter::next() const {
  BootTime next = base::never;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    const auto rate = limits_.octets[i];
    if (!buckets_[i].line.empty() && (!rate || *rate > 0)) next = std::min(next, buckets_[i].free_at);
  }
  return next;
}

}  // namespace backhaul::core
