// SPDX-License-Identifier: Apache-2.0
// JobObject::read, for the files that implement getters.
#ifndef SRC_BITS_JOB_READ_H
#define SRC_BITS_JOB_READ_H

#include "bits/job_object.h"
#include "bits/text.h"

namespace backhaul::bits {

template <class Give>
HRESULT JobObject::read(Give give) const {
  return protect([&] {
    const Result<JobInfo> info = job_.info();
    return info ? give(*info) : hresult_of(info);
  });
}

}  // namespace backhaul::bits

#endif
