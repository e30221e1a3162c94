/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists are kept as the texts that were read: names point into them, cut by NUL bytes. A line
 * is "NAME [MODULE]", in kallsyms behind an address and a letter, in the blacklist behind a range.
 */
#include "functions.h"

#include <ctype.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/hashmap.h"
#include "tracefs.h"

#define KALLSYMS  "/proc/kallsyms"
#define MODULES   "/proc/modules"
#define BLACKLIST "/sys/kernel/debug/kprobes/blacklist"

struct list {
	struct str text;
	kernel_functions functions;
	struct hashmap names; /* name -> the first function of it; empty until it is needed */
	VEC(const struct kernel_function *)
	next; /* of the same name; as many as functions, or none */
	struct error *error;
	bool is_read;
};

struct functions {
	const struct host *host;
	struct list listed;
	struct list code; /* texts of symbols */
	struct list symbols;
	struct list blacklist;
	struct hashmap shared; /* names of several of those that can be traced */
	bool shared_known;
	struct str letters; /* one for each of the symbols: its kind in kallsyms */
};

struct functions *functions_new(const struct host *host)
{
	struct functions *functions = xcalloc(1, sizeof(*functions));

	functions->host = host;
	return functions;
}

static void list_deinit(struct list *list)
{
	str_deinit(&list->text);
	vec_deinit(&list->functions);
	hashmap_deinit(&list->names);
	vec_deinit(&list->next);
	error_free(list->error);
}

void functions_free(struct functions *functions)
{
	if (!functions)
		return;
	list_deinit(&functions->listed);
	list_deinit(&functions->code);
	list_deinit(&functions->symbols);
	list_deinit(&functions->blacklist);
	hashmap_deinit(&functions->shared);
	str_deinit(&functions->letters);
	free(functions);
}

/* --- reading --- */

/* Ends the word at *at and goes behind the blanks that follow it; NULL at the end of the line. */
static char *next_word(char **at)
{
	char *word = *at;
	size_t length = strcspn(word, " \t");

	if (!*word)
		return NULL;
	*at = word + length + strspn(word + length, " \t");
	word[length] = '\0';
	return word;
}

/* The words before the name on each line. */
enum layout {
	LAYOUT_NAME = 0,
	LAYOUT_RANGE = 1,
	LAYOUT_SYMBOL = 2,
};

static void add_line(struct list *list, char *line, enum layout layout, struct str *letters)
{
	char *at = line + strspn(line, " \t");
	const char *before[2] = {"", ""};

	for (int i = 0; i < (int)layout; i++) {
		before[i] = next_word(&at);
		if (!before[i])
			return;
	}

	char *name = next_word(&at), *module = next_word(&at);
	size_t length = module ? strlen(module) : 0;

	if (!name)
		return;
	if (length > 2 && module[0] == '[' && module[length - 1] == ']') {
		module[length - 1] = '\0';
		module++;
	} else {
		module = name + strlen(name);
	}
	*vec_add(&list->functions) = (struct kernel_function){
		.name = name,
		.module = module,
		.address = layout == LAYOUT_SYMBOL ? strtoull(before[0], NULL, 16) : 0,
	};
	if (letters)
		str_append_char(letters, *before[1]);
}

static void cut_lines(struct list *list, enum layout layout, struct str *letters)
{
	for (char *line = list->text.data; line && *line;) {
		size_t length = strcspn(line, "\n");
		bool is_last = line[length] == '\0';

		line[length] = '\0';
		add_line(list, line, layout, letters);
		line += length + !is_last;
	}
}

/* Reads a list once; what went wrong stays in its error. */
static void read_list(struct functions *functions, struct list *list, const char *path,
	enum layout layout, struct str *letters)
{
	list->is_read = true;
	list->error = host_read_file(functions->host, path, &list->text);
	if (!list->error)
		cut_lines(list, layout, letters);
}

static struct list *read_symbols(struct functions *functions)
{
	if (!functions->symbols.is_read)
		read_list(functions, &functions->symbols, KALLSYMS, LAYOUT_SYMBOL,
			&functions->letters);
	return &functions->symbols;
}

void functions_list(struct functions *functions, const char *text)
{
	functions->listed.is_read = true;
	str_append(&functions->listed.text, text);
	cut_lines(&functions->listed, LAYOUT_NAME, NULL);
}

void functions_read(struct functions *functions)
{
	read_symbols(functions);
}

/* Letters of nm(1) for code. */
static bool is_code(char letter)
{
	return strchr("tTwW", letter) != NULL;
}

/* The kernel's own list. */
static struct list *read_listed(struct functions *functions)
{
	struct list *list = &functions->listed;
	const char *tracefs = NULL;

	if (list->is_read)
		return list;
	list->is_read = true;
	list->error = tracefs_find(functions->host, &tracefs);
	if (!list->error) {
		_cleanup_free_ char *path = xasprintf("%s/available_filter_functions", tracefs);

		read_list(functions, list, path, LAYOUT_NAME, NULL);
	}
	return list;
}

/* The replacement for it: the symbols of code. */
static struct list *read_code(struct functions *functions)
{
	struct list *list = &functions->code;

	if (list->is_read)
		return list;

	const struct list *symbols = read_symbols(functions);

	list->is_read = true;
	for (size_t i = 0; i < symbols->functions.count; i++) {
		if (is_code(functions->letters.data[i]))
			vec_push(&list->functions, symbols->functions.items[i]);
	}
	return list;
}

static struct list *read_traceable(struct functions *functions)
{
	struct list *listed = read_listed(functions);

	return listed->error ? read_code(functions) : listed;
}

struct error *functions_listed(struct functions *functions, const kernel_functions **ret)
{
	const struct list *list = read_listed(functions);

	if (list->error)
		return error_new(list->error->number, "%s", list->error->message);
	*ret = &list->functions;
	return NULL;
}

struct error *functions_traceable(struct functions *functions, const kernel_functions **ret)
{
	const struct list *list = read_traceable(functions);
	const struct error *error = functions->listed.error;

	if (error && list->functions.count == 0)
		return error_new(
			error->number, "cannot list the kernel's functions: %s", error->message);
	*ret = &list->functions;
	return NULL;
}

/* --- questions --- */

/* Most scripts use a few names: a search of the list is cheaper than a table then. */
static const struct kernel_function *find(
	const struct list *list, const char *module, const char *name)
{
	const struct kernel_function *function;

	vec_for_each (&list->functions, function) {
		if (strcmp(function->name, name) == 0 &&
			(!module || strcmp(function->module, module) == 0))
			return function;
	}
	return NULL;
}

/* "_sys_getuid" of "__x64_sys_getuid". */
static const char *call_of(const char *name)
{
	const char *call = strncmp(name, "__", 2) == 0 ? strchr(name + 2, '_') : NULL;

	return call && strncmp(call, "_sys_", strlen("_sys_")) == 0 ? call : NULL;
}

/* Of a system call without arguments the kernel makes one function, __do_sys_getuid, with a name
 * more for each ABI, and lists the first only. Addresses would show that of any function, but
 * are hidden from most processes. Source: arch/x86/include/asm/syscall_wrapper.h. */
static const struct kernel_function *find_call(
	struct functions *functions, const char *module, const char *name)
{
	const char *call = call_of(name);
	_cleanup_free_ char *listed = call ? xasprintf("__do%s", call) : NULL;

	if (!listed || !find(read_traceable(functions), module, listed))
		return NULL;
	return find(read_code(functions), module, name);
}

const struct kernel_function *functions_find(
	struct functions *functions, const char *module, const char *name)
{
	const struct kernel_function *function = find(read_traceable(functions), module, name);

	return function ? function : find_call(functions, module, name);
}

static void index_names(struct list *list)
{
	for (size_t i = 0; i < list->functions.count; i++) {
		void **slot = hashmap_text_slot(&list->names, list->functions.items[i].name);

		if (!*slot)
			*slot = &list->functions.items[i];
	}
}

static void find_shared(struct functions *functions)
{
	struct list *list = read_traceable(functions);
	const struct kernel_function *function;

	functions->shared_known = true;
	if (list->names.count == 0)
		index_names(list);
	vec_for_each (&list->functions, function) {
		if (hashmap_text_get(&list->names, function->name) != function)
			*hashmap_text_slot(&functions->shared, function->name) = functions;
	}
}

bool functions_is_shared(struct functions *functions, const char *name)
{
	if (!functions->shared_known)
		find_shared(functions);
	return hashmap_text_get(&functions->shared, name) != NULL;
}

bool functions_is_ambiguous(struct functions *functions, const char *module, const char *name)
{
	const struct list *list = read_traceable(functions);
	const struct kernel_function *function;
	size_t count = 0;

	vec_for_each (&list->functions, function)
		count += strcmp(function->name, name) == 0 && strcmp(function->module, module) == 0;
	return count > 1;
}

bool functions_is_blacklisted(struct functions *functions, const char *name)
{
	struct list *list = &functions->blacklist;

	if (!list->is_read) {
		read_list(functions, list, BLACKLIST, LAYOUT_RANGE, NULL);
		index_names(list);
	}
	return hashmap_text_get(&list->names, name) != NULL;
}

/* "foo.isra.0" of "foo": code, but not what the compiler put aside for rare cases. */
static bool is_variant(const char *symbol, const char *name, size_t length)
{
	return strncmp(symbol, name, length) == 0 && symbol[length] == '.' &&
	       !strstr(symbol + length, ".cold");
}

enum function_state functions_explain(
	struct functions *functions, const char *name, const char **ret_variant)
{
	const struct list *symbols = read_symbols(functions);
	enum function_state state = FUNCTION_ABSENT;
	size_t length = strlen(name);

	for (size_t i = 0; i < symbols->functions.count; i++) {
		const char *symbol = symbols->functions.items[i].name;
		bool code = is_code(functions->letters.data[i]);

		if (strcmp(symbol, name) == 0)
			return code ? FUNCTION_UNTRACED : FUNCTION_DATA;
		if (code && state == FUNCTION_ABSENT && is_variant(symbol, name, length)) {
			state = FUNCTION_PARTIAL;
			*ret_variant = symbol;
		}
	}
	return state;
}

/* Chains the functions of each name. */
static void chain_names(struct list *list)
{
	for (size_t i = 0; i < list->functions.count; i++)
		vec_push(&list->next, NULL);
	for (size_t i = list->functions.count; i-- > 0;) {
		void **slot = hashmap_text_slot(&list->names, list->functions.items[i].name);

		list->next.items[i] = *slot;
		*slot = &list->functions.items[i];
	}
}

void functions_addresses(
	struct functions *functions, const char *module, const char *name, function_addresses *ret)
{
	struct list *symbols = read_symbols(functions);
	const struct kernel_function *first = symbols->functions.items, *symbol;

	if (symbols->next.count == 0)
		chain_names(symbols);
	symbol = hashmap_text_get(&symbols->names, name);
	for (; symbol; symbol = symbols->next.items[symbol - first]) {
		if (symbol->address && is_code(functions->letters.data[symbol - first]) &&
			strcmp(symbol->module, module) == 0)
			vec_push(ret, symbol->address);
	}
}

uint64_t functions_size(struct functions *functions, uint64_t address)
{
	const struct list *symbols = read_symbols(functions);
	const struct kernel_function *symbol;
	uint64_t size = 0;

	vec_for_each (&symbols->functions, symbol) {
		if (symbol->address > address && (!size || symbol->address - address < size))
			size = symbol->address - address;
	}
	return size;
}

bool functions_has_module(struct functions *functions, const char *module)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = host_read_file(functions->host, MODULES, &text);
	size_t length = strlen(module);

	for (const char *line = str_text(&text); *line; line += strcspn(line, "\n")) {
		line += *line == '\n';
		if (strncmp(line, module, length) == 0 && line[length] == ' ')
			return true;
	}
	return false;
}
