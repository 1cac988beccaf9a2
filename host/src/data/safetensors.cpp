#include "data/safetensors.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;
constexpr size_t kMaxHeader = 100'000'000;  // the reference implementation's bound
constexpr std::pair<int32_t, const char*> kTypes[] = {
    {ODEON_F32, "F32"}, {ODEON_F64, "F64"}, {ODEON_I32, "I32"}, {ODEON_I64, "I64"}, {ODEON_U8, "U8"}};

[[noreturn]] void bad(const std::string& name, const std::string& what) {
  throw RunError(name + ": is not a usable safetensors file: " + what +
                 "; save it again with safetensors.torch.save_file");
}

// Strict JSON of bounded depth without repeated keys.
Json parse_header(std::string_view text, const std::string& name) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, Json::parse_event_t event, Json& value) {
    constexpr int kMaxDepth = 8;
    if (depth > kMaxDepth) bad(name, "the header is nested too deeply");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      bad(name, "the header names '" + value.get<std::string>() + "' twice");
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::exception& e) {
    bad(name, std::string("the header is not valid JSON (") + e.what() + ")");
  }
}

struct Entry {
  NamedArray out;
  uint64_t begin, end;
};

Entry parse_entry(const std::string& key, const Json& value, const std::string& name) {
  const std::string who = "tensor '" + key + "'";
  if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets") || !value["dtype"].is_string() || !value["shape"].is_array() ||
      !value["data_offsets"].is_array())
    bad(name, who + " lacks dtype, shape or data_offsets");
  Entry e;
  e.out.name = key;
  const auto type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                 [&](const auto& t) { return value["dtype"] == t.second; });
  if (type == std::end(kTypes))
    bad(name,
        who + " has dtype " + value["dtype"].get<std::string>() + ", which is not F32, F64, I32, I64 or U8");
  e.out.array.dtype = type->first;
  for (const Json& d : value["shape"]) {
    if (!d.is_number_unsigned() || d.get<uint64_t>() > (uint64_t{1} << 40) ||
        e.out.array.shape.size() == ODEON_MAX_RANK)
      bad(name, who + " has a shape that is not up to 8 lengths");
    e.out.array.shape.push_back(d.get<int64_t>());
  }
  const Json& offsets = value["data_offsets"];
  if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
    bad(name, who + " has bad data_offsets");
  e.begin = offsets[0], e.end = offsets[1];
  const int64_t count = checked_count(e.out.array.shape);
  if (count < 0 || e.end < e.begin ||
      e.end - e.begin != static_cast<uint64_t>(count * dtype_bytes(e.out.array.dtype)))
    bad(name, who + " has data_offsets that do not fit its shape");
  return e;
}

}  // namespace

std::vector<NamedArray> parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() < 8) bad(name, "it is shorter than 8 bytes");
  uint64_t length = 0;
  for (size_t i = 8; i-- > 0;) length = length << 8 | std::to_integer<uint64_t>(bytes[i]);
  if (length > kMaxHeader || length > bytes.size() - 8)
    bad(name, "the header length " + std::to_string(length) + " does not fit the file");
  const Json header =
      parse_header({reinterpret_cast<const char*>(bytes.data()) + 8, static_cast<size_t>(length)}, name);
  if (!header.is_object()) bad(name, "the header is not a JSON object");
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.items())
    if (key != "__metadata__") entries.push_back(parse_entry(key, value, name));
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  const auto data = bytes.subspan(8 + static_cast<size_t>(length));
  uint64_t end = 0;
  std::vector<NamedArray> out;
  for (Entry& e : entries) {
    if (e.begin != end) bad(name, "the data of '" + e.out.name + "' overlaps or leaves a hole");
    end = e.end;
    if (end > data.size()) bad(name, "the data ends before '" + e.out.name + "' does");
    e.out.array.bytes.assign(data.begin() + static_cast<std::ptrdiff_t>(e.begin),
                             data.begin() + static_cast<std::ptrdiff_t>(e.end));
    out.push_back(std::move(e.out));
  }
  if (end != data.size()) bad(name, std::to_string(data.size() - end) + " bytes follow the last tensor");
  return out;
}

std::vector<NamedArray> read_safetensors(const std::string& path) {
  return parse_safetensors(read_file(path), path);
}

std::vector<std::byte> format_safetensors(const std::vector<NamedArray>& arrays) {
  Json header = Json::object();
  size_t end = 0;
  for (const NamedArray& entry : arrays) {
    const Array& a = entry.array;
    const auto type =
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& t) { return t.first == a.dtype; });
    header[entry.name] = {
        {"dtype", type->second}, {"shape", a.shape}, {"data_offsets", {end, end + a.bytes.size()}}};
    end += a.bytes.size();
  }
  std::string text = header.dump();
  while (text.size() % 8 != 0) text += ' ';
  std::vector<std::byte> out(8 + text.size());
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<std::byte>(text.size() >> (8 * i) & 255);
  std::memcpy(out.data() + 8, text.data(), text.size());
  for (const auto& [name, a] : arrays) out.insert(out.end(), a.bytes.begin(), a.bytes.end());
  return out;
}

void write_safetensors(const std::string& path, const std::vector<NamedArray>& arrays) {
  write_file_atomically(path, format_safetensors(arrays));
}

}  // namespace odeon::host
