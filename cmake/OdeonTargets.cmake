# odeon_build_flags: warnings and sanitizers for our own targets; never exported to users.
add_library(odeon_build_flags INTERFACE)
# Compilers of other languages bring warnings of their own.
set(ours $<COMPILE_LANGUAGE:C,CXX>)
target_compile_options(odeon_build_flags INTERFACE
  $<${ours}:-Wall> $<${ours}:-Wextra> $<${ours}:-Wpedantic> $<$<AND:${ours},$<BOOL:${ODEON_WERROR}>>:-Werror>)
# g++ 12 sees overlapping copies in std::string's operator+ that are not there (GCC PR 105651).
target_compile_options(odeon_build_flags INTERFACE $<$<AND:${ours},$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>)
if(ODEON_SANITIZE)
  # With the checks between them, g++ no longer sees that libstdc++'s std::function in <regex> is initialised.
  target_compile_options(odeon_build_flags INTERFACE $<$<AND:${ours},$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized>)
  target_compile_options(odeon_build_flags INTERFACE
    "$<${ours}:SHELL:-fsanitize=${ODEON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g>")
  target_link_options(odeon_build_flags INTERFACE -fsanitize=${ODEON_SANITIZE})
endif()
