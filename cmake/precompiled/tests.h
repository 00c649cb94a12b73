// SPDX-License-Identifier: Apache-2.0
// The same for tests, which include GoogleTest besides.
#pragma once

#include "house.h"

#include <gtest/gtest.h>
