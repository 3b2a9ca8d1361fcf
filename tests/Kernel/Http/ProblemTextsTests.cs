using Microsoft.AspNetCore.Http;
using Notify.Kernel.Http;

namespace Notify.Kernel.Tests.Http;

public sealed class ProblemTextsTests
{
    private static readonly ProblemTexts texts = new([new(KernelProblemTexts.Lines)]);

    [Theory]
    [InlineData("Not found.", "未找到。")]
    [InlineData("Too many requests.", "请求过多。")]
    [InlineData("Too many wrong keys have come from this address. A key that holds is taken all the same.", "此地址发来的错误密钥过多。有效的密钥仍可使用。")]
    [InlineData("There is no rule 'Line 1'.", "没有规则“Line 1”。")]
    [InlineData("There is no parameter 'dry_run'. Did you mean 'dryRun'?", "没有参数“dry_run”。是否指“dryRun”？")]
    [InlineData("There is no rule 'rule'. An id is wanted, and they begin with 'rule-'; if this is a name, GET /api/v1/rules?search= finds the id.",
        "没有规则“rule”。此处应填写以“rule-”开头的 id；若填写的是名称，可用 GET /api/v1/rules?search= 查到 id。")]
    [InlineData("There is no service '{1}'.", "没有服务“{1}”。")]
    [InlineData("name: A name has at most 64 characters.", "name：名称最多 64 个字符。")]
    [InlineData("Give one of High, Low. Did you mean 'High'?", "须为以下之一：High, Low。是否指“High”？")]
    [InlineData("The database's disk is full. Nothing was changed; try again shortly.", "数据库磁盘已满。未作任何更改，请稍后重试。")]
    [InlineData("a.b: There is no field 'c'. There are: d, e. This is the first of at least 200 faults.", "a.b：没有字段“c”。可用的有：d, e。此为首个错误，共至少 200 个。")]
    [InlineData("Something that nobody has written down yet.", "Something that nobody has written down yet.")]
    public void a_text_is_found_by_its_form(string english, string chinese) => texts.Chinese(english).Should().Be(chinese);

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
