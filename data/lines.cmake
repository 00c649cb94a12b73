# SPDX-License-Identifier: Apache-2.0
# Lines as a list. Brackets, between which CMake would not part a list, are other characters meanwhile.
string(ASCII 1 opening)
string(ASCII 2 closing)
macro(split_lines text to)
  string(REPLACE "[" "${opening}" ${to} "${text}")
  string(REPLACE "]" "${closing}" ${to} "${${to}}")
  string(REGEX REPLACE "\n$" "" ${to} "${${to}}")
  string(REPLACE "\n" ";" ${to} "${${to}}")
endmacro()
# A line of that list, or part of one, behind `front`.
macro(plain to front text)
  string(REPLACE "${opening}" "[" ${to} "${text}")
  string(REPLACE "${closing}" "]" ${to} "${${to}}")
  set(${to} "${front}${${to}}")
endmacro()
