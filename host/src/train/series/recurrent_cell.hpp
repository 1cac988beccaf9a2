// One step of a recurrent network as an op graph; weights and names are those of torch.nn.RNNCell and
// GRUCell.
#pragma once
#include "experiment/sections.hpp"
#include "train/parameters.hpp"

namespace odeon::host {

struct CellChoice {
  enum class Kind { rnn, gru } kind = Kind::rnn;
  int64_t hidden = 0;
};

constexpr int64_t kLargestState = 1 << 16;
inline constexpr odeon_option kRnn = ranged(
    make_option(ODEON_OPTION_INT, str("rnn"), kNoText, str("Elman's network with a state of this size.")), 1,
    kLargestState);
inline constexpr odeon_option kGru =
    ranged(make_option(ODEON_OPTION_INT, str("gru"), kNoText, str("A gated one with a state of this size.")),
           1, kLargestState);
inline constexpr const odeon_option* kCells[] = {&kRnn, &kGru};
constexpr odeon_option cell_section(odeon_str key, odeon_str doc) {
  return with_children(make_option(kOneOfSection, key, kNoText, doc, kRequired), kCells);
}

// {rnn: 25} or {gru: 25}. Throws ConfigError.
CellChoice read_cell(const ConfigNode& node, const std::string& what);

// INPUTs: state h [batch, hidden], x [batch, width], mask [batch, 1]; output: the next state, which is h
// where the mask is 0. RNN: tanh(W x + b + U h + c), Elman 1990. GRU: Cho et al. 2014, with the reset gate
// behind U h + c.
Graph cell_graph(const CellChoice& cell, int64_t width, Parameters& parameters, const std::string& prefix);

}  // namespace odeon::host
