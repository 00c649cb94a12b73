// SPDX-License-Identifier: Apache-2.0
// What a turn hears and does, as values (base/sum.h).
#include "engine/effects.h"
#include "engine/input.h"
#include "engine/notes.h"

template class backhaul::base::Sum<backhaul::engine::InputKinds>;
template class backhaul::base::Sum<backhaul::engine::EffectKinds>;
template class backhaul::base::Sum<backhaul::engine::NoteKinds>;
