/* SPDX-License-Identifier: Apache-2.0 */
/* Names of C++, Rust and D as their programmers write them. */
#pragma once

#include <stdbool.h>

/* The name behind a symbol, malloc'ed; with the types of its parameters, "ns::fn(int)", or without.
 * NULL when the symbol is no such name. */
char *demangle(const char *symbol, bool with_parameters);
