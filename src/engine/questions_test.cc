// SPDX-License-Identifier: Apache-2.0
#include "engine/questions.h"

#include <gtest/gtest.h>

namespace backhaul::engine {
namespace {

base::JobId job(std::uint8_t number) { return base::JobId{{number}}; }

Question question(std::uint8_t number, const std::string& program = ":1.1") {
  Question question;
  question.job = job(number);
  question.object.unique_name = program;
  return question;
}

TEST(Questions, AProgramIsAskedAFewAtOnceInTheirOrder) {
  Questions questions;
  for (std::uint8_t n = 1; n <= 3; ++n) questions.add(question(n));
  EXPECT_EQ(questions.find(questions.next(2))->job, job(1));
  EXPECT_EQ(questions.find(questions.next(2))->job, job(2));
  EXPECT_EQ(questions.next(2), 0U);
  questions.end(job(2));
  EXPECT_EQ(questions.find(questions.next(2))->job, job(3));
}

TEST(Questions, AProgramThatDoesNotAnswerHoldsUpNoOther) {
  Questions questions;
  questions.add(question(1, ":1.1"));
  questions.add(question(2, ":1.1"));
  questions.add(question(3, ":1.2"));
  EXPECT_EQ(questions.find(questions.next(1))->job, job(1));
  EXPECT_EQ(questions.find(questions.next(1))->job, job(3));
  EXPECT_EQ(questions.next(1), 0U);
}

TEST(Questions, AJobHasOneAtMostAndALateAnswerFindsNone) {
  Questions questions;
  questions.add(question(1));
  const std::uint64_t first = questions.next(1);
  questions.add(question(1));
  EXPECT_EQ(questions.find(first), nullptr);
  const std::uint64_t second = questions.next(1);
  EXPECT_NE(second, 0U) << "the one it replaced counts no more";
  EXPECT_NE(second, first);
  questions.end(job(1));
  EXPECT_EQ(questions.of(job(1)), nullptr);
  EXPECT_EQ(questions.find(second), nullptr);
}

TEST(Questions, OneThatWasNeverPutCanEnd) {
  Questions questions;
  questions.add(question(1));
  questions.end(job(1));
  EXPECT_EQ(questions.next(1), 0U);
}

}  // namespace
}  // namespace backhaul::engine
