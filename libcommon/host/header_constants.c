/* SPDX-License-Identifier: Apache-2.0 */
#include "header_constants.h"

#include <string.h>

#include "arch.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/suggest.h"

#define CONSTANT(header, name, value) {header, #name, value, NULL},
#define VARIES(header, name, advice)  {header, #name, 0, advice},
#define DNAME_ADVICE                                                                               \
	"it is the size of the member d_iname of struct dentry (of d_shortname since Linux 6.15)"
#define GFP_ADVICE "each kernel has other bits for it"

const struct header_constant header_constants[] = {
#include "constants_errno.def"
#include "constants_file.def"
#include "constants_kernel.def"
#include "constants_memory.def"
#include "constants_process.def"
#include "constants_signal.def"
#include "constants_socket.def"
};

const size_t header_constant_count = ARRAY_SIZE(header_constants);

static const struct header_part parts[] = {
#define PART(header, name, shift, mask) {header, #name, shift, mask, false, 0},
#define TEST(header, name, mask, value) {header, #name, 0, mask, true, value},
#include "header_parts.def"
};

static const struct header_constant *find(
	const struct header_constant *rows, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

const struct header_constant *header_constant_find(const struct arch *arch, const char *name)
{
	const struct header_constant *row = find(arch->constants, arch->constant_count, name);

	return row ? row : find(header_constants, header_constant_count, name);
}

const struct header_part *header_part_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	}
	return NULL;
}

void header_constants_suggest(const struct arch *arch, struct suggestion *suggestion)
{
	for (size_t i = 0; i < arch->constant_count; i++)
		suggest_offer(suggestion, arch->constants[i].name);
	for (size_t i = 0; i < header_constant_count; i++)
		suggest_offer(suggestion, header_constants[i].name);
}
