namespace Notify.Kernel.Tests;

public sealed class DataDirectoryTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everybody =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("notify-test-");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void a_new_one_is_its_owners_alone()
    {
        var path = Path.Combine(root.FullName, "a", "data");
        DataDirectory.Make(path);
        File.GetUnixFileMode(path).Should().Be(OwnerOnly);
        DataDirectory.OthersMayEnter(path).Should().BeFalse();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("master.key")]
    [InlineData("pgpass")]
    public void one_that_is_empty_or_has_been_used_is_closed(string? file)
    {
        var path = root.CreateSubdirectory("data").FullName;
        if (file is not null) File.WriteAllText(Path.Combine(path, file), "");
        File.SetUnixFileMode(path, Everybody);
        DataDirectory.Make(path);
        File.GetUnixFileMode(path).Should().Be(OwnerOnly);
    }

    [Theory]
    [InlineData(Everybody, "holiday.jpg")]
    [InlineData(Everybody | UnixFileMode.StickyBit, "master.key")]
    public void one_that_others_use_too_is_left_as_it_is(UnixFileMode mode, string file)
    {
        var path = root.CreateSubdirectory("data").FullName;
        File.WriteAllText(Path.Combine(path, file), "");
        File.SetUnixFileMode(path, mode);
        DataDirectory.Make(path);
        File.GetUnixFileMode(path).Should().Be(mode);
        DataDirectory.OthersMayEnter(path).Should().BeTrue();
    }
}
