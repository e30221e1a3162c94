/* SPDX-License-Identifier: Apache-2.0 */
/* Paths on a machine of files, whose processes are written down in /proc. */
#include "tests/unit/probing.h"

#include <errno.h>
#include <sys/stat.h>

#include "libcommon/probes/rows.h"
#include "libcommon/probes/target.h"
#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct probing probing;
	struct targets targets;
	struct host_opener opener; /* has read processes before: known */
	struct processes known;
};

static int open_nothing(const struct host_opener *opener _unused_, uint32_t root _unused_,
	const char *path _unused_, enum host_wanted wanted _unused_)
{
	return -ENOLINK;
}

static const struct processes *known(const struct host_opener *opener)
{
	size_t offset = offsetof(struct fixture, opener);

	return &((const struct fixture *)((const char *)opener - offset))->known;
}

/* What the host's opener has read of processes. */
static struct processes *know_processes(struct fixture *fixture)
{
	fixture->opener = (struct host_opener){.open = open_nothing, .processes = known};
	fixture->probing.host.opener = &fixture->opener;
	return &fixture->known;
}

static void program(const struct tree *tree, const char *path)
{
	_cleanup_str_ struct str full = STR_INIT;

	tree_write_text(tree, path, path); /* files of different inodes */
	str_printf(&full, "%s%s", tree->path, path);
	assert_int_equal(chmod(full.data, 0755), 0);
}

static void process(const struct tree *tree, const char *pid, const char *space, const char *root,
	const char *maps)
{
	_cleanup_str_ struct str path = STR_INIT;

	str_printf(&path, "/proc/%s/ns/mnt", pid);
	tree_link(tree, path.data, space);
	str_truncate(&path, 0);
	str_printf(&path, "/proc/%s/root", pid);
	tree_link(tree, path.data, root);
	str_truncate(&path, 0);
	str_printf(&path, "/proc/%s/maps", pid);
	tree_write_text(tree, path.data, maps);
}

static int setup(void **state)
{
	static struct fixture fixture;
	const struct tree *tree = &fixture.tree;

	fixture = (struct fixture){.tree = tree_make()};
	program(tree, "/usr/bin/tool");
	program(tree, "/usr/bin/tail");
	program(tree, "/opt/one/lib.so");
	program(tree, "/opt/two/lib.so");
	tree_directory(tree, "/opt/three/lib.so");
	tree_link(tree, "/opt/two/lib.link", "lib.so");
	tree_link(tree, "/opt/zero", "one");
	process(tree, "self", "mnt:[1]", "/", "");
	setenv("PATH", "relative:/usr/bin:/none", 1);
	probing_open(&fixture.probing, fixture.tree.path);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	processes_deinit(&fixture->known);
	targets_deinit(&fixture->targets);
	probing_close(&fixture->probing);
	tree_remove(&fixture->tree);
	return 0;
}

static struct error *find(struct fixture *fixture, const char *path)
{
	targets_deinit(&fixture->targets);
	fixture->targets = (struct targets){};
	return target_find(&probes_uprobe[0], &fixture->probing.world, path,
		&fixture->probing.arena, &fixture->targets);
}

static void assert_target(
	const struct fixture *fixture, size_t index, const char *shown, const char *path)
{
	assert_true(index < fixture->targets.items.count);
	assert_string_equal(fixture->targets.items.items[index].shown, shown);
	assert_string_equal(fixture->targets.items.items[index].path, path);
}

static void one_file(void **state)
{
	struct fixture *fixture = *state;

	assert_success(find(fixture, "/opt/one/lib.so"));
	assert_int_equal(fixture->targets.items.count, 1);
	assert_false(fixture->targets.several);
	assert_target(fixture, 0, "/opt/one/lib.so", "/opt/one/lib.so");
	assert_int_equal(fixture->targets.items.items[0].root, 0);
	assert_success(find(fixture, "tool"));
	assert_target(fixture, 0, "/usr/bin/tool", "/usr/bin/tool");
	assert_failure(find(fixture, "/opt/none"), "uprobe target file '/opt/none' does not exist");
	assert_failure(find(fixture, "/opt/three/lib.so"),
		"uprobe target file '/opt/three/lib.so' is a directory");
	assert_int_equal(fixture->targets.items.count, 0);
}

/* A file under several names is one, by the first of them; directories are none. */
static void patterns(void **state)
{
	struct fixture *fixture = *state;

	assert_success(find(fixture, "/opt/*/lib.*"));
	assert_true(fixture->targets.several);
	assert_int_equal(fixture->targets.items.count, 2);
	assert_target(fixture, 0, "/opt/one/lib.so", "/opt/one/lib.so");
	assert_target(fixture, 1, "/opt/two/lib.link", "/opt/two/lib.link");
	assert_success(find(fixture, "//opt//tw*//lib.so"));
	assert_int_equal(fixture->targets.items.count, 1);
	assert_target(fixture, 0, "/opt/two/lib.so", "/opt/two/lib.so");
	assert_success(find(fixture, "/none/*"));
	assert_int_equal(fixture->targets.items.count, 0);
	assert_success(find(fixture, "/opt/one/lib.so/*"));
	assert_int_equal(fixture->targets.items.count, 0);
}

static void patterns_of_programs(void **state)
{
	struct fixture *fixture = *state;

	program(&fixture->tree, "/elative/trail");
	program(&fixture->tree, "/relative/trail");
	assert_success(find(fixture, "t*l"));
	assert_int_equal(fixture->targets.items.count, 2);
	assert_target(fixture, 0, "/usr/bin/tail", "/usr/bin/tail");
	assert_target(fixture, 1, "/usr/bin/tool", "/usr/bin/tool");
	unsetenv("PATH");
	assert_success(find(fixture, "t*l"));
	assert_int_equal(fixture->targets.items.count, 0);
}

static void the_program_of_a_command(void **state)
{
	struct fixture *fixture = *state;

	assert_failure(find(fixture, ""), "an empty path needs -p or -c, whose program it means");
	fixture->probing.world.program = "/usr/bin/tool";
	assert_success(find(fixture, ""));
	assert_target(fixture, 0, "/usr/bin/tool", "/usr/bin/tool");
}

/* What others see by the same path is another file, so its name says whose it is. */
static void all_that_is_mapped(void **state)
{
	struct fixture *fixture = *state;
	const struct target *foreign;
	_cleanup_str_ struct str text = STR_INIT;

	process(&fixture->tree, "10", "mnt:[1]", "/", "1-2 r-xp 0 08:01 1 /usr/bin/tool\n");
	process(&fixture->tree, "11", "mnt:[1]", "/jail", "1-2 r-xp 0 08:01 2 /usr/bin/tool\n");
	tree_write_text(&fixture->tree, "/jail/usr/bin/tool", "jailed");
	assert_success(find(fixture, "*"));
	assert_true(fixture->targets.several);
	assert_int_equal(fixture->targets.items.count, 2);
	assert_target(fixture, 0, "/usr/bin/tool", "/usr/bin/tool");
	assert_target(fixture, 1, "/proc/11/root/usr/bin/tool", "/usr/bin/tool");
	foreign = &fixture->targets.items.items[1];
	assert_int_equal(foreign->root, 1);
	assert_int_equal(foreign->process, 11);
	assert_success(
		host_read_file(target_home(&fixture->targets, foreign), foreign->path, &text));
	assert_string_equal(text.data, "jailed");
}

/* Those that somebody has read before are not read again. */
static void processes_that_are_known(void **state)
{
	struct fixture *fixture = *state;
	struct processes *known = know_processes(fixture);

	process(&fixture->tree, "10", "mnt:[1]", "/", "1-2 r-xp 0 08:01 1 /usr/bin/tool\n");
	vec_push(&known->files, ((struct process_file){.path = "/known"}));
	assert_success(find(fixture, "*"));
	assert_int_equal(fixture->targets.items.count, 1);
	assert_target(fixture, 0, "/known", "/known");
	assert_int_equal(fixture->targets.read.files.count, 0);
}

/* With -p a path means what the process has mapped by it, wherever it leads by now. */
static void files_that_are_gone(void **state)
{
	struct fixture *fixture = *state;
	struct probe_world *world = &fixture->probing.world;
	struct processes *known = know_processes(fixture);

	tree_write_text(&fixture->tree, "/proc/7/exe", "old tool");
	tree_write_text(&fixture->tree, "/proc/7/map_files/1-2", "old library");
	vec_push(&known->files,
		((struct process_file){
			.path = "/usr/bin/tool", .link = "/proc/7/exe", .is_program = true}));
	vec_push(&known->files, ((struct process_file){.path = "/opt/one/gone.so.6",
					.link = "/proc/7/map_files/1-2"}));
	vec_push(&known->files, ((struct process_file){.path = "/opt/two/lib.so"}));
	assert_success(find(fixture, "*"));
	assert_int_equal(fixture->targets.items.count, 3);
	assert_target(fixture, 0, "/proc/7/exe", "/proc/7/exe");
	assert_target(fixture, 1, "/proc/7/map_files/1-2", "/proc/7/map_files/1-2");
	assert_success(find(fixture, "/usr/bin/tool"));
	assert_target(fixture, 0, "/usr/bin/tool", "/usr/bin/tool");

	world->pid = 7;
	assert_success(find(fixture, "*"));
	assert_int_equal(fixture->targets.items.count, 3);
	assert_target(fixture, 0, "/usr/bin/tool", "/proc/7/exe");
	assert_target(fixture, 1, "/opt/one/gone.so.6", "/proc/7/map_files/1-2");
	assert_target(fixture, 2, "/opt/two/lib.so", "/opt/two/lib.so");
	assert_success(find(fixture, "/usr/bin/tool"));
	assert_target(fixture, 0, "/usr/bin/tool", "/proc/7/exe");
	assert_success(find(fixture, "tool"));
	assert_target(fixture, 0, "/usr/bin/tool", "/proc/7/exe");
	assert_success(find(fixture, ""));
	assert_target(fixture, 0, "/usr/bin/tool", "/proc/7/exe");
	assert_success(find(fixture, "gone"));
	assert_target(fixture, 0, "/opt/one/gone.so.6", "/proc/7/map_files/1-2");
	assert_success(find(fixture, "/opt/*/*.so*"));
	assert_int_equal(fixture->targets.items.count, 3);
	assert_target(fixture, 2, "/opt/one/gone.so.6", "/proc/7/map_files/1-2");
	assert_failure(find(fixture, "/opt/one/none.so"),
		"uprobe target file '/opt/one/none.so' does not exist");
}

static void files_that_are_unfit(void **state)
{
	struct fixture *fixture = *state;
	struct elf *elf = NULL;

	tree_write_text(&fixture->tree, "/usr/bin/data", "");
	assert_failure(find(fixture, "data"),
		"uprobe target file 'data' is not executable: /usr/bin/data");
	assert_failure(find(fixture, "libnone"),
		"uprobe target file 'libnone' does not exist: no library (ldconfig -p) or program "
		"(PATH) of that name is known");
	assert_success(find(fixture, "/usr/bin/data"));
	assert_failure(target_open(&fixture->targets, fixture->targets.items.items, &elf),
		"uprobe target file '/usr/bin/data' is not an ELF file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_file, setup, teardown),
		cmocka_unit_test_setup_teardown(patterns, setup, teardown),
		cmocka_unit_test_setup_teardown(patterns_of_programs, setup, teardown),
		cmocka_unit_test_setup_teardown(the_program_of_a_command, setup, teardown),
		cmocka_unit_test_setup_teardown(all_that_is_mapped, setup, teardown),
		cmocka_unit_test_setup_teardown(processes_that_are_known, setup, teardown),
		cmocka_unit_test_setup_teardown(files_that_are_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(files_that_are_unfit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
