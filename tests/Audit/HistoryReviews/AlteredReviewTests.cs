using Notify.Audit.Tests.Proofs;
using Notify.Testing;

namespace Notify.Audit.Tests.HistoryReviews;

/// <summary>A review that somebody has altered in the database; each test puts it back.</summary>
public sealed class AlteredReviewTests(ReviewedHistory plant) : IClassFixture<ReviewedHistory>
{
    private readonly NotifyHost host = plant.Host;

    [Theory]
    [InlineData("'{findings}', '\"Nothing at all\"'")]
    [InlineData("'{hash}', '\"00\"'")]
    [InlineData("'{signature,signer}', '\"user-other\"'")]
    public async Task a_review_that_was_altered_counts_no_more_and_is_found(string forgery)
    {
        var before = await plant.ReviewsAsync();
        var reviewed = await plant.ReviewAsync(plant.Auditor, plant.Clock.GetUtcNow());
        reviewed.Status.Should().Be(201, reviewed.Text);
        var data = await ForgedEvents.ScalarAsync(host, "select data::text from notify.mt_events where stream_id = $1", reviewed.Id);
        (await host.ChangeAsync($"update notify.mt_events set data = jsonb_set(data, {forgery}) where stream_id = '{reviewed.Id}'")).Should().Be(1);
        (await plant.ReviewsAsync()).Should().Equal(before);
        (await plant.FindingsAsync()).Should().ContainSingle();
        await host.ExecuteAsync($"update notify.mt_events set data = '{data}' where stream_id = '{reviewed.Id}'");
    }
}
