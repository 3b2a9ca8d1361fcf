using System.Text;
using Microsoft.AspNetCore.Http;
using Notify.Kernel.Http;

namespace Notify.Kernel.Tests.Http;

public sealed class ProblemTextsTests
{
    private static readonly ProblemTexts texts = new([new(KernelProblemTexts.Lines)]);

    [Theory]
    [InlineData("Not found.", "未找到。")]
    [InlineData("Too many requests.", "请求过多。")]
    [InlineData("Too many wrong keys from this address. A valid key is still accepted.", "此地址发来的错误密钥过多。有效的密钥仍可使用。")]
    [InlineData("There is no rule 'Line 1'.", "没有通知规则“Line 1”。")]
    [InlineData("There is no parameter 'dry_run'. Did you mean 'dryRun'?", "没有参数“dry_run”。是否指“dryRun”？")]
    [InlineData("There is no rule 'rule'. Expected an id, which begins with 'rule-'; if this is a name, GET /api/v1/rules?search= finds the id.",
        "没有通知规则“rule”。此处应填写以“rule-”开头的 id；若填写的是名称，可用 GET /api/v1/rules?search= 查到 id。")]
    [InlineData("There is no service '{1}'.", "没有通知服务“{1}”。")]
    [InlineData("name: A name has at most 64 characters.", "name：名称最多 64 个字符。")]
    [InlineData("Give one of High, Low. Did you mean 'High'?", "须为以下之一：High, Low。是否指“High”？")]
    [InlineData("The database's disk is full. Nothing was changed; try again shortly.", "数据库磁盘已满。未作任何更改，请稍后重试。")]
    [InlineData("a.b: There is no field 'c'. There are: d, e. This is the first of at least 200 errors.", "a.b：没有字段“c”。可用的有：d, e。此为首个错误，共至少 200 个。")]
    [InlineData("Something that nobody has written down yet.", "Something that nobody has written down yet.")]
    public void a_text_is_found_by_its_form(string english, string chinese) => texts.Chinese(english).Should().Be(chinese);

    /// <summary>The reasons are the parsers' own.</summary>
    [Theory]
    [InlineData("{\"a\":1,}")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":'b'}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":tru}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1.}")]
    [InlineData("{\"a\":-x}")]
    [InlineData("{\"a\":1x}")]
    [InlineData("{\"a\":\"\\q\"}")]
    [InlineData("{\"a\":\"\\uq\"}")]
    [InlineData("{\"a\":\"b\nc\"}")]
    [InlineData("{\"a\":\"b")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":")]
    [InlineData("   ")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    public void why_json_cannot_be_read_is_said_in_chinese_too(string json) =>
        IsWhollyChinese(FluentActions.Invoking(() => JsonText.Parse(Encoding.UTF8.GetBytes(json), false, out _)).Should()
            .Throw<ProblemException>().Which.Detail!);

    private static void IsWhollyChinese(string english) =>
        texts.Chinese(english)[(texts.Chinese(english).IndexOf('列', StringComparison.Ordinal) + 1)..].Should()
            .MatchRegex(@"\p{IsCJKUnifiedIdeographs}", english).And.NotContain(" is ").And.NotContain("xpected");

    [Theory]
    [InlineData("", false)]
    [InlineData("zh", true)]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", true)]
    [InlineData("en-US,en;q=0.9,zh-CN;q=0.8", false)]
    [InlineData("de,zh;q=0.5,en;q=0.4", true)]
    [InlineData("en;q=0.1,zh-Hans;q=0.7", true)]
    [InlineData("zh;q=0", false)]
    [InlineData("zhx", false)]
    [InlineData("fr, *;q=0.5", false)]
    [InlineData("=;;", false)]
    public void the_language_is_what_the_caller_prefers(string header, bool isChinese)
    {
        var http = new DefaultHttpContext();
        if (header.Length > 0) http.Request.Headers.AcceptLanguage = header;
        http.PrefersChinese().Should().Be(isChinese);
    }
}
