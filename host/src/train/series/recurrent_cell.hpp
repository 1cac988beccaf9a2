// One step of a recurrent network as an op graph; weights and names are those of torch.nn.RNNCell and
// GRUCell.
#pragma once
#include "train/parameters.hpp"

namespace odeon::host {

struct CellChoice {
  enum class Kind { rnn, gru } kind = Kind::rnn;
  int64_t hidden = 0;
};

// {rnn: 25} or {gru: 25}. Throws ConfigError.
CellChoice read_cell(const ConfigNode& node, const std::string& what);

// INPUTs: state h [batch, hidden], x [batch, width], mask [batch, 1]; output: the next state, which is h
// where the mask is 0. RNN: tanh(W x + b + U h + c), Elman 1990. GRU: Cho et al. 2014, with the reset gate
// behind U h + c.
Graph cell_graph(const CellChoice& cell, int64_t width, Parameters& parameters, const std::string& prefix);

}  // namespace odeon::host
