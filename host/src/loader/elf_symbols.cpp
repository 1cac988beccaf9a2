// Own reader, since Boost.DLL's library_info reads .symtab, which stripped libraries lack, and trusts every
// offset. Layout: System V ABI, "Object Files"; the dynamic symbols survive `strip`.
#include "loader/elf_symbols.hpp"

#include <elf.h>

#include <cstring>
#include <fstream>

#include "data/error.hpp"

namespace odeon::host {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#else
#error "add this machine's ELF number"
#endif

class ElfFile {
 public:
  explicit ElfFile(const std::string& path) : in_(path, std::ios::binary | std::ios::ate) {
    if (!in_) throw RunError("a file that cannot be opened");
    size_ = static_cast<uint64_t>(in_.tellg());
  }

  // Count items of T at an offset; nothing outside the file is ever asked for.
  template <class T>
  std::vector<T> read(uint64_t offset, uint64_t count) {
    if (offset > size_ || count > (size_ - offset) / sizeof(T)) throw RunError("a truncated or damaged file");
    std::vector<T> out(count);
    in_.seekg(static_cast<std::streamoff>(offset));
    in_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(count * sizeof(T)));
    if (!in_) throw RunError("a file that cannot be read");
    return out;
  }

  bool is_elf() {
    return size_ >= SELFMAG && std::memcmp(read<char>(0, SELFMAG).data(), ELFMAG, SELFMAG) == 0;
  }

 private:
  std::ifstream in_;
  uint64_t size_ = 0;
};

}  // namespace

std::vector<std::string> exported_symbols(const std::string& path) {
  ElfFile file(path);
  if (!file.is_elf()) throw RunError("a file of another format");
  const Elf64_Ehdr header = file.read<Elf64_Ehdr>(0, 1)[0];
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != kMachine)
    throw RunError("a library for another machine");
  if (header.e_type != ET_DYN)
    throw RunError("an ELF file of another type, such as a program or an object file");
  std::vector<std::string> names;
  const auto sections = file.read<Elf64_Shdr>(header.e_shoff, header.e_shnum);
  for (const Elf64_Shdr& section : sections) {
    if (section.sh_type != SHT_DYNSYM) continue;
    if (section.sh_link >= sections.size()) throw RunError("a truncated or damaged file");
    const Elf64_Shdr& strings = sections[section.sh_link];
    std::vector<char> text = file.read<char>(strings.sh_offset, strings.sh_size);
    text.push_back('\0');
    for (const Elf64_Sym& symbol :
         file.read<Elf64_Sym>(section.sh_offset, section.sh_size / sizeof(Elf64_Sym)))
      if (symbol.st_shndx != SHN_UNDEF && symbol.st_name < text.size())
        names.emplace_back(&text[symbol.st_name]);
  }
  return names;
}

}  // namespace odeon::host
