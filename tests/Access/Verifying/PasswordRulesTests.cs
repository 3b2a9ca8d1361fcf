using Notify.Access.Verifying;
using Notify.Kernel;

namespace Notify.Access.Tests.Verifying;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("viola teapot lunar crescent")]
    [InlineData("红色 机器 停在 三号线 旁边了吗")]
    [InlineData("kZ7#qv!Lw02xRt")]
    [InlineData("ungeheuer oben kneifen wal")]
    public void long_and_hard_to_guess_is_enough(string password) => FaultOf(password).Should().BeNull();

    [Theory]
    [InlineData(null, "A password is required.")]
    [InlineData("", "A password is required.")]
    [InlineData("kZ7#qv!Lw02", "A password has at least 12 characters")]
    [InlineData("👩‍🚀👩‍🚀", "A password has at least 12 characters")]
    public void short_is_refused(string? password, string fault) => FaultOf(password).Should().StartWith(fault);

    [Fact]
    public void up_to_256_characters_are_taken()
    {
        var long1 = string.Concat(Enumerable.Range(0, 64).Select(i => $"{(char)('a' + (i * 7 % 26))}{(char)('A' + (i * 11 % 26))}{i % 10}#"));
        long1.Should().HaveLength(256);
        FaultOf(long1).Should().BeNull();
        FaultOf(long1 + "x").Should().StartWith("A password has at most 256 characters");
        // Characters, not UTF-16 units.
        FaultOf(string.Concat(Enumerable.Range(0x20000, 200).Select(char.ConvertFromUtf32))).Should().BeNull();
    }

    [Theory]
    [InlineData("password1234")]
    [InlineData("123456789012")]
    [InlineData("qwertyuiop[]")]
    [InlineData("aaaaaaaaaaaaaaaa")]
    [InlineData("P@ssw0rd2026")]
    [InlineData("NotifyNotify1")]
    [InlineData("notify-alarm-notify")]
    [InlineData("zhangsan1987")]
    [InlineData("zhang.san.zhang.san")]
    [InlineData("ZhangSan@Plant")]
    public void common_and_what_is_about_the_person_or_notify_is_refused(string password) =>
        FaultOf(password).Should().StartWith("This password is too easy to guess");

    [Fact]
    public void the_same_password_counts_however_its_characters_are_put_together() =>
        PasswordRules.Normalize("Ａ\u0301").Should().Be(PasswordRules.Normalize("\u00c1"));

    private static string? FaultOf(string? password)
    {
        var errors = new Errors();
        PasswordRules.Check(password, "password", errors, ["zhang.san", "Zhang San", "zhangsan@plant.example", null]);
        return errors.Any ? errors.ToDictionary()["password"][0] : null;
    }
}
