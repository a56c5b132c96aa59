// Makes a script that shows a difference smaller.
#pragma once

#include "oracle/player.hpp"
#include "oracle/script.hpp"

namespace rejoin::oracle {

/// The smallest script found, by leaving steps out, that still shows a difference; plays at most `plays` scripts.
Script shrink(Player& player, Script script, int plays = 400);

}  // namespace rejoin::oracle
