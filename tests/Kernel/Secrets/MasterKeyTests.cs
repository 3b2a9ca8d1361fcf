using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Secrets;
using Notify.Testing;

namespace Notify.Kernel.Tests.Secrets;

public sealed class MasterKeyTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("notify-key-");

    private string FilePath => Path.Combine(directory.FullName, "keys", "master.key");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    [InlineData("密钥 👍🏽 \0\n")]
    public void what_is_sealed_is_unsealed_also_after_a_restart(string value)
    {
        var sealedValue = new MasterKey(FilePath).Seal("service-1/secret", value);
        new MasterKey(FilePath).Unseal("service-1/secret", sealedValue).Should().Be(value);
    }

    [Fact]
    public void the_same_value_never_looks_the_same_when_sealed()
    {
        var key = new MasterKey(FilePath);
        key.Seal("a", "s3cret").Should().NotEqual(key.Seal("a", "s3cret"));
    }

    [Fact]
    public void another_reference_or_another_key_does_not_unseal()
    {
        var key = new MasterKey(FilePath);
        var sealedValue = key.Seal("service-1/secret", "s3cret");
        key.Invoking(x => x.Unseal("service-2/secret", sealedValue)).Should().Throw<CryptographicException>();
        new MasterKey(FilePath + "2").Invoking(x => x.Unseal("service-1/secret", sealedValue)).Should().Throw<CryptographicException>();
    }

    [Fact]
    public void a_change_of_any_byte_is_noticed()
    {
        var key = new MasterKey(FilePath);
        var sealedValue = key.Seal("a", "s3cret");
        for (var i = 0; i < sealedValue.Length; i++)
        {
            var changed = (byte[])sealedValue.Clone();
            changed[i] ^= 1;
            key.Invoking(x => x.Unseal("a", changed)).Should().Throw<CryptographicException>($"byte {i} was changed");
        }

        for (var length = 0; length < sealedValue.Length; length++)
            key.Invoking(x => x.Unseal("a", sealedValue[..length])).Should().Throw<CryptographicException>($"only {length} bytes are left");
    }

    [Fact]
    public void only_the_owner_may_read_the_file_and_nothing_else_is_left_beside_it()
    {
        var key = new MasterKey(FilePath);
        key.Exists.Should().BeFalse("a key is made when it is needed, and not before");
        key.Fingerprint("x");
        File.GetUnixFileMode(FilePath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Should().Equal(FilePath);
        Convert.FromBase64String(File.ReadAllText(FilePath)).Should().HaveCount(32);
    }

    [Fact]
    public void what_another_process_left_half_written_beside_it_is_in_nobody_s_way()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        // In containers, every process may have this number.
        var left = $"{FilePath}.{Environment.ProcessId}";
        File.WriteAllText(left, "half a k");

        var key = new MasterKey(FilePath);
        var first = key.Identity;
        var added = key.Add();
        key.Ids.Should().Equal(first, added);
        key.Remove(added);

        new MasterKey(FilePath).Ids.Should().Equal(first);
        File.ReadAllText(left).Should().Be("half a k", "it may be another process's");
        Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Should().BeEquivalentTo(FilePath, left);
        File.GetUnixFileMode(FilePath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void what_could_not_take_its_place_is_removed()
    {
        Directory.CreateDirectory(FilePath);
        FluentActions.Invoking(() => new MasterKey(FilePath).Identity).Should().Throw<StartException>().WithMessage($"The key file {FilePath} cannot be created: *");
        Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Should().BeEmpty();
    }

    [Fact]
    public void a_change_leaves_the_file_the_one_it_is_with_its_owner_and_mode_and_a_link_a_link()
    {
        var key = new MasterKey(FilePath);
        var first = key.Identity;
        const UnixFileMode GroupReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(FilePath, GroupReads);
        var link = Path.Combine(directory.FullName, "linked.key");
        File.CreateSymbolicLink(link, FilePath);
        using var same = new StreamReader(new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

        var (linked, running) = (new MasterKey(link), new MasterKey(link));
        File.SetLastWriteTimeUtc(FilePath, DateTime.UnixEpoch);
        running.Ids.Should().Equal(first);
        var (old, added) = (linked.Add(), linked.Add());
        linked.Remove(old);

        File.ResolveLinkTarget(link, returnFinalTarget: false)!.FullName.Should().Be(FilePath);
        File.GetUnixFileMode(FilePath).Should().Be(GroupReads);
        new MasterKey(FilePath).Ids.Should().Equal(first, added);
        running.Refresh();
        running.Ids.Should().Equal(first, added);
        same.ReadToEnd().Should().Be(File.ReadAllText(FilePath), "it is still that file, and not another one of this user's in its place");
        Directory.GetFileSystemEntries(directory.FullName, "*", SearchOption.AllDirectories)
            .Should().BeEquivalentTo(link, Path.GetDirectoryName(FilePath), FilePath);
    }

    [Fact]
    public void a_file_that_cannot_be_read_ends_the_start_with_a_sentence_and_is_reported_once_by_a_node_that_runs()
    {
        var log = new LogLines();
        using var logging = LoggerFactory.Create(x => x.AddProvider(log));
        var key = new MasterKey(FilePath, logging.CreateLogger<MasterKey>());
        var first = key.Identity;
        File.SetLastWriteTimeUtc(FilePath, DateTime.UnixEpoch);
        using (new FileStream(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            FluentActions.Invoking(() => new MasterKey(FilePath).Identity).Should().Throw<StartException>()
                .WithMessage($"The key file {FilePath} cannot be read: *{Environment.UserName}, as whom Notify runs, must be able to read it.");
            key.Refresh();
            key.Refresh();
        }

        key.Ids.Should().Equal(first);
        log.Lines.Should().ContainSingle().Which.Should().Contain($"The key file {FilePath} cannot be read");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base 64!")]
    [InlineData("c2hvcnQ=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void a_damaged_file_is_named_and_kept(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, content);
        FluentActions.Invoking(() => new MasterKey(FilePath).Identity).Should().Throw<StartException>()
            .WithMessage($"*{FilePath} is damaged*32 bytes*Restore it from the backup.");
        File.ReadAllText(FilePath).Should().Be(content);
    }

    [Fact]
    public void a_fingerprint_is_the_same_for_the_same_secret_of_one_installation_only()
    {
        var (key, other) = (new MasterKey(FilePath), new MasterKey(FilePath + "2"));
        key.Fingerprint("s3cret").Should().MatchRegex("^[0-9a-f]{16}$").And.Be(new MasterKey(FilePath).Fingerprint("s3cret"));
        key.Fingerprint("s3cret").Should().NotBe(key.Fingerprint("s3creT")).And.NotBe(other.Fingerprint("s3cret"));
    }

    [Fact]
    public void a_further_key_seals_when_it_is_chosen_and_the_first_one_stays_who_the_installation_is()
    {
        var key = new MasterKey(FilePath);
        var (identity, fingerprint, mac) = (key.Identity, key.Fingerprint("s3cret"), key.Mac("use", "text"));
        var before = key.Seal("a", "old");
        var added = key.Add();

        key.Ids.Should().Equal(identity, added);
        key.SealingId.Should().Be(identity, "nobody has chosen it yet");
        key.SealWith(added);
        var after = key.Seal("a", "new");

        (key.SealedBy(before), key.SealedBy(after)).Should().Be((identity, added));
        var again = new MasterKey(FilePath);
        (again.Unseal("a", before), again.Unseal("a", after)).Should().Be(("old", "new"));
        (again.Identity, again.Fingerprint("s3cret"), again.Mac("use", "text")).Should().Be((identity, fingerprint, mac));
        File.GetUnixFileMode(FilePath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void what_an_added_key_sealed_is_bound_to_its_reference_and_every_byte_of_it()
    {
        var key = new MasterKey(FilePath);
        key.SealWith(key.Add());
        var value = key.Seal("a", "s3cret");
        key.Invoking(x => x.Unseal("b", value)).Should().Throw<CryptographicException>();
        for (var i = 0; i < value.Length; i++)
        {
            var changed = (byte[])value.Clone();
            changed[i] ^= 3;
            key.Invoking(x => x.Unseal("a", changed)).Should().Throw<CryptographicException>($"byte {i} was changed");
            key.Invoking(x => x.Unseal("a", value[..i])).Should().Throw<CryptographicException>($"only {i} bytes are left");
        }
    }

    [Fact]
    public void a_node_takes_a_copied_key_file_without_a_restart_and_no_file_of_another_installation()
    {
        var (here, there) = (new MasterKey(FilePath), FilePath + "2");
        _ = here.Identity;
        File.Copy(FilePath, there);
        var other = new MasterKey(there);
        var identity = other.Identity;
        here.SealWith(here.Add());
        var value = here.Seal("a", "s3cret");

        other.Invoking(x => x.Unseal("a", value)).Should().Throw<CryptographicException>().WithMessage($"*{there}*{here.SealingId}*");
        Replace(FilePath);
        other.Unseal("a", value).Should().Be("s3cret", "it looks for a key it does not know");

        _ = new MasterKey(FilePath + "3").Identity;
        Replace(FilePath + "3");
        other.Refresh();
        other.Identity.Should().Be(identity);
        File.WriteAllText(there, "half wri");
        File.SetLastWriteTimeUtc(there, DateTime.UtcNow.AddSeconds(9));
        other.Refresh();
        other.Unseal("a", value).Should().Be("s3cret");

        void Replace(string from)
        {
            var later = File.GetLastWriteTimeUtc(there).AddSeconds(1);
            File.Copy(from, there, overwrite: true);
            File.SetLastWriteTimeUtc(there, later);
        }
    }

    [Fact]
    public void the_first_key_is_never_removed_and_what_another_sealed_is_lost_with_it()
    {
        var key = new MasterKey(FilePath);
        var added = key.Add();
        key.SealWith(added);
        var value = key.Seal("a", "s3cret");

        key.Invoking(x => x.Remove(x.Identity)).Should().Throw<ArgumentException>();
        key.Invoking(x => x.Remove("0000000000000000")).Should().Throw<ArgumentException>();
        key.Remove(added);

        key.SealingId.Should().Be(key.Identity, "what is not there cannot seal");
        key.Invoking(x => x.Unseal("a", value)).Should().Throw<CryptographicException>().WithMessage($"*{added}*");
        File.ReadAllLines(FilePath).Should().ContainSingle();
    }
}
