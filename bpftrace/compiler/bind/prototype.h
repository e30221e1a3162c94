/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little language of builtins' prototypes (ast/builtin.h). Those of a builtin are parsed when a
 * compilation first needs them and kept in it; their texts are slices of the row's.
 */
#pragma once

#include "bpftrace/compiler/compilation.h"
#include "libcommon/base/slice.h"

enum parameter_kind {
	PARAMETER_INT,
	PARAMETER_NUMBER, /* an integer, or the address that a pointer is */
	PARAMETER_CONST_INT,
	PARAMETER_STRING,
	PARAMETER_LITERAL,
	PARAMETER_POINTER,
	PARAMETER_BYTES, /* an array of integers of one byte */
	PARAMETER_STACK, /* kstack, ustack */
	PARAMETER_ANY,
	PARAMETER_MAP,
	PARAMETER_ELEMENT,
	PARAMETER_KEY,      /* a key of the map in the parameter before it */
	PARAMETER_VARIABLE, /* that the call assigns an element of the map in the first one to */
	PARAMETER_MODE,     /* one of the words of type, separated by | */
	PARAMETER_TYPE,     /* a type as scripts spell it */
};

struct parameter {
	enum parameter_kind kind;
	struct slice type;
	struct slice name; /* empty for any... */
	bool optional;
	bool repeated;
};

enum { PROTOTYPE_MAX_PARAMETERS = 8 };

struct prototype {
	struct parameter parameters[PROTOTYPE_MAX_PARAMETERS];
	size_t count;
	size_t required;
	bool variadic; /* the last parameter takes any number of arguments, also none */
	struct slice result;
};

struct prototypes {
	const struct prototype *items;
	size_t count;
};

/* Reads a row's text: "name(parameters) result", or "name result" of a variable. */
struct prototype prototype_parse(const char *text);

/* The prototypes of a builtin, in the order of its row; owned by the compilation. */
const struct prototypes *prototypes_of(struct compilation *c, const struct builtin *builtin);

/* Whether the parameter for argument number index is of the kind in any of them. */
bool prototypes_have(const struct prototypes *prototypes, size_t index, enum parameter_kind kind);

/* The parameter of argument number index (from 0); NULL when there are not so many. */
const struct parameter *prototype_parameter(const struct prototype *prototype, size_t index);

/* Whether so many arguments can be given. */
bool prototype_takes(const struct prototype *prototype, size_t arguments);

/* Whether the parameter accepts the argument; a type not known yet is accepted. */
bool prototype_accepts(
	struct compilation *c, const struct parameter *parameter, struct node *argument);

/* The first prototype of the call's builtin that its arguments fit, by number and types; NULL when
 * they fit none. */
const struct prototype *prototype_match(struct compilation *c, struct call *call);

/* Whether word is one of the words of a PARAMETER_MODE. */
bool parameter_has_mode(const struct parameter *parameter, const char *word);

/* Hints at the form of a call by a row's text, "its form: name(parameters)". */
void prototype_hint(struct compilation *c, const char *text);
