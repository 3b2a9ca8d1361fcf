using Notify.Testing;

namespace Notify.Access.Tests.People;

public sealed class PeopleFileTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("name,email\nA,b@example.com\n", "merge", 400, "file")]
    [InlineData("", "merge", 400, "file")]
    [InlineData("userName,name\na.b,A\n", "replace", 400, "mode")]
    [InlineData("userName,name\na.b,A\n", "", 400, "mode")]
    public async Task what_is_no_file_of_people_is_refused(string text, string mode, int status, string field)
    {
        var answer = await PeopleImportTests.ImportAsync(shared.Host.Client, text, mode);
        (answer.Status, answer.Faults.SingleOrDefault()).Should().Be((status, field), answer.Text);
        (await shared.Host.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(0);
    }
}
