/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <elf.h>

#include "libcommon/host/machine.h"
#include "tests/unit/tree_host.h"

static void write_program(
	const struct tree_host *fixture, const char *path, uint16_t machine, unsigned char order)
{
	Elf64_Ehdr header = {.e_ident = ELFMAG, .e_machine = machine};

	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = order;
	if (order == ELFDATA2MSB)
		header.e_machine = (uint16_t)(machine << 8 | machine >> 8);
	tree_write(&fixture->tree, path, &header, sizeof(header));
}

static const char *found(const struct tree_host *fixture)
{
	const struct arch *arch = NULL;

	assert_success(machine_arch(&fixture->host, &arch));
	return arch ? arch->name : "none";
}

static void the_shell_shows_it(void **state)
{
	struct tree_host *fixture = *state;

	write_program(fixture, "/usr/bin/dash", EM_AARCH64, ELFDATA2LSB);
	tree_link(&fixture->tree, "/bin", "usr/bin");
	tree_link(&fixture->tree, "/usr/bin/sh", "/usr/bin/dash");
	assert_string_equal(found(fixture), "aarch64");
	write_program(fixture, "/usr/bin/dash", EM_X86_64, ELFDATA2LSB);
	assert_string_equal(found(fixture), "x86_64");
}

static void what_is_no_program_shows_nothing(void **state)
{
	struct tree_host *fixture = *state;

	assert_string_equal(found(fixture), "none");
	tree_write_text(&fixture->tree, "/bin/sh", "#!/bin/false\n");
	tree_directory(&fixture->tree, "/usr/bin/env");
	tree_write_text(&fixture->tree, "/sbin/init", ELFMAG);
	assert_string_equal(found(fixture), "none");
	write_program(fixture, "/lib/ld-linux-aarch64.so.1", EM_AARCH64, ELFDATA2LSB);
	assert_string_equal(found(fixture), "aarch64");
}

static void an_architecture_without_a_row(void **state)
{
	struct tree_host *fixture = *state;
	const struct arch *arch = NULL;

	write_program(fixture, "/bin/sh", EM_S390, ELFDATA2MSB);
	assert_failure(machine_arch(&fixture->host, &arch),
		"/bin/sh is for an architecture that is not supported (ELF machine 22)");
	write_program(fixture, "/bin/sh", EM_386, ELFDATA2LSB);
	assert_failure(machine_arch(&fixture->host, &arch),
		"/bin/sh is for an architecture that is not supported (ELF machine 3)");
	assert_null(arch);
}

static void hosts_have_an_architecture(void **state)
{
	struct tree_host *fixture = *state;

	assert_ptr_equal(host_arch(&fixture->host), arch_native());
	fixture->host.arch = arch_find("aarch64");
	assert_string_equal(host_arch(&fixture->host)->name, "aarch64");
	assert_string_equal(arch_of_machine(EM_AARCH64)->name, "aarch64");
	assert_null(arch_of_machine(EM_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_shell_shows_it, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_no_program_shows_nothing, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			an_architecture_without_a_row, tree_host_setup, tree_host_teardown),
		cmocka_unit_test_setup_teardown(
			hosts_have_an_architecture, tree_host_setup, tree_host_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
