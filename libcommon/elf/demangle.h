/* SPDX-License-Identifier: Apache-2.0 */
/* Names of C++, Rust and D as their programmers write them. */
#pragma once

enum demangle {
	DEMANGLE_NAME, /* "ns::fn<int>" */
	DEMANGLE_CALL, /* with the types of its parameters: "ns::fn<int>(int)" */
	DEMANGLE_FULL, /* and with the type that a template returns: "void ns::fn<int>(int)" */
};

/* The name behind a symbol, malloc'ed; NULL when the symbol is no such name. */
char *demangle(const char *symbol, enum demangle form);
