using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Kernel.Http;

namespace Notify.Kernel.Tests.Http;

public sealed class ProblemResponsesTests
{
    [Theory]
    [InlineData(typeof(IOException), 503)] // no space left on the device
    [InlineData(typeof(UnauthorizedAccessException), 503)]
    [InlineData(typeof(FileNotFoundException), 503)]
    [InlineData(typeof(DirectoryNotFoundException), 503)]
    [InlineData(typeof(EndOfStreamException), 500)]
    [InlineData(typeof(InvalidOperationException), 500)]
    public Task a_file_of_this_node_that_cannot_be_used_passes_and_other_faults_do_not(Type type, int status) =>
        ShouldBeAsync((Exception)Activator.CreateInstance(type, "/var/lib/notify/x")!, status);

    [Fact]
    public Task an_answer_that_another_server_cut_is_no_full_disk() =>
        ShouldBeAsync(new HttpIOException(HttpRequestError.ResponseEnded, "cut"), 500);

    private static async Task ShouldBeAsync(Exception thrown, int status)
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        await ProblemResponses.InvokeAsync(http, _ => throw thrown, new StoreState(TimeProvider.System), NullLogger.Instance);
        http.Response.Body.Position = 0;
        var text = await new StreamReader(http.Response.Body).ReadToEndAsync();
        http.Response.StatusCode.Should().Be(status);
        ((string)JsonNode.Parse(text)!["detail"]!).Should().StartWith(
            status == 503 ? "This node cannot read or write one of its files" : "An internal error occurred");
        text.Should().NotContain("/var/lib", "a path is the log's, not a caller's");
    }
}
