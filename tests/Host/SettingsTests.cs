using Notify.Kernel;

namespace Notify.Host.Tests;

public sealed class SettingsTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("notify-test-").FullName;

    string Program => Directory.CreateDirectory(Path.Combine(root, "artifacts", "notify")).FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    void IsASolution() => File.WriteAllText(Path.Combine(root, "Notify.sln"), "");

    [Theory]
    [InlineData(".")]
    [InlineData("artifacts/notify")]
    [InlineData("src")]
    public void keys_lie_beside_the_solution_wherever_notify_is_started_from(string current)
    {
        IsASolution();
        Settings.DataDirectoryOf(null, Path.Combine(root, current), Program).Should().Be(Path.Combine(root, ".data"));
    }

    [Fact]
    public void an_installed_notify_keeps_them_in_the_current_directory_or_where_it_is_told()
    {
        Settings.DataDirectoryOf("", "/srv/notify", Program).Should().Be("/srv/notify/.data");
        Settings.DataDirectoryOf("keys", "/srv/notify", Program).Should().Be("/srv/notify/keys");
        Settings.DataDirectoryOf("/var/lib/notify", "/srv/notify", Program).Should().Be("/var/lib/notify");
        Settings.DataDirectoryOf(Program + "-data", "/srv/notify", Program).Should().Be(Program + "-data");
    }

    [Fact]
    public void never_below_the_program_which_the_next_version_replaces()
    {
        FluentActions.Invoking(() => Settings.DataDirectoryOf(null, Program, Program)).Should().Throw<StartException>()
            .WithMessage($"*{Program}*Notify:DataDirectory*");
        FluentActions.Invoking(() => Settings.DataDirectoryOf(Path.Combine(Program, "x", ".."), "/srv", Program)).Should().Throw<StartException>();
        IsASolution();
        FluentActions.Invoking(() => Settings.DataDirectoryOf("artifacts/data", root, Program)).Should().Throw<StartException>();
    }
}
